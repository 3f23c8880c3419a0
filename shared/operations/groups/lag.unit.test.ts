import { expect, test } from "vitest";
import { firstUnread, lagOf, unreadOf } from "./lag.ts";

const range = { topic: "t", partition: 0, earliest: 10n, end: 30n };

test.each([
  ["nothing committed: from the beginning of what is held", undefined, 10n, 20n],
  ["some read", 25n, 25n, 5n],
  ["all read", 30n, undefined, 0n],
  ["committed before what is held: no more than what is held", 3n, 10n, 20n],
  ["committed beyond the end, as after a topic made anew: none", 99n, undefined, 0n],
] as const)("%s", (_, committed, first, unread) => {
  expect(firstUnread(range, committed)).toBe(first);
  expect(unreadOf(range, committed)).toBe(unread);
});

test("an empty partition holds nothing to read", () => {
  expect(unreadOf({ ...range, earliest: 30n }, undefined)).toBe(0n);
});

test.each([
  [undefined, 30n, undefined],
  [25n, undefined, undefined],
  [3n, 30n, 27n],
  [99n, 30n, -69n],
] as const)("Kafka's own lag of %s committed and %s the end is %s", (committed, end, lag) => {
  expect(lagOf(committed, end)).toBe(lag);
});
