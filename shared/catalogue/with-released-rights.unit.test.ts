import { expect, test } from "vitest";
import type { DatabaseUsers } from "../postgres/user-rights.ts";
import { withReleasedRights } from "./with-released-rights.ts";

const released: DatabaseUsers = {
  api: { tables: { outbox: ["insert"], pause: ["select"] }, functions: ["one"] },
  removed: { tables: { pause: ["select"] }, functions: [] },
};
const today: DatabaseUsers = {
  api: { tables: { outbox: ["insert", "update (status)"], inbox: ["select"] }, functions: ["one", "two"] },
  added: { tables: {}, functions: ["one"] },
};

test("what a released function has, it keeps, beside what today's functions need", () => {
  expect(withReleasedRights(today, released)).toEqual({
    api: {
      tables: { outbox: ["insert", "update (status)"], inbox: ["select"], pause: ["select"] },
      functions: ["one", "two"],
    },
    added: today["added"],
    removed: released["removed"],
  });
});

test("without a release before, the rights are today's", () => {
  expect(withReleasedRights(today, {})).toEqual(today);
});
