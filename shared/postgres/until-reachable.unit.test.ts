import { expect, test, vi } from "vitest";
import { SluiceError } from "../messaging/sluice-error.ts";
import type { Queryable } from "./queryable.ts";
import { untilReachable } from "./until-reachable.ts";

const away = () => new SluiceError("postgres-unavailable", "connect ECONNREFUSED", { canRetry: true });
const refused = (code: string) =>
  new SluiceError("postgres-error", `refused by ${code}`, { cause: Object.assign(new Error("refused"), { code }) });

/** A database that meets its first looks with these faults. */
const meetingWith = (...faults: readonly Error[]) => {
  const left = [...faults];
  const query = vi.fn(async () => {
    const fault = left.shift();
    if (fault) throw fault;
    return { rows: [] };
  });
  return { db: { query } as unknown as Queryable, query };
};

const log = { warn: vi.fn() } as never;
const patient = { patienceMs: 60_000, pauseMs: 0, log };

test.each([
  ["nobody listens yet", away()],
  ["the proxy's role may not read the secret yet", refused("28000")],
  ["a token's right has not arrived yet", refused("28P01")],
])("%s: it is looked again until the database answers", async (_what, fault) => {
  const { db, query } = meetingWith(fault, fault, fault);
  await untilReachable(db, patient);
  expect(query).toHaveBeenCalledTimes(4);
});

test("the same reason is told once", async () => {
  const warn = vi.fn();
  await untilReachable(meetingWith(away(), away(), refused("28000")).db, { ...patient, log: { warn } as never });
  expect(warn.mock.calls.map(([, detail]) => detail)).toEqual([
    { why: "connect ECONNREFUSED" },
    { why: "refused by 28000" },
  ]);
});

test("a fault that no waiting mends is told at once", async () => {
  const { db, query } = meetingWith(refused("3D000"));
  await expect(untilReachable(db, patient)).rejects.toMatchObject({ code: "postgres-error" });
  expect(query).toHaveBeenCalledTimes(1);
});

test("patience ends, with the reason", async () => {
  const { db, query } = meetingWith(away(), away());
  await expect(untilReachable(db, { ...patient, patienceMs: -1 })).rejects.toMatchObject({
    code: "postgres-unavailable",
  });
  expect(query).toHaveBeenCalledTimes(1);
});
