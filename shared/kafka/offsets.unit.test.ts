import { expect, test } from "vitest";
import { lagOf } from "./offsets.ts";

const ranges = [
  { partition: 0, earliest: 10n, end: 30n },
  { partition: 1, earliest: 0n, end: 0n },
  { partition: 2, earliest: 5n, end: 9n },
];

test.each([
  ["nothing committed: everything that is held", [], 24n],
  ["some read", [[0, 25n]], 9n],
  [
    "all read",
    [
      [0, 30n],
      [2, 9n],
    ],
    0n,
  ],
  [
    "committed before what is held: no more than what is held",
    [
      [0, 3n],
      [2, 9n],
    ],
    20n,
  ],
  [
    "committed beyond the end, as after a topic made anew: none",
    [
      [0, 99n],
      [2, 99n],
    ],
    0n,
  ],
] as const)("the lag of a group with %s", (_, committed, lag) => {
  expect(lagOf(ranges, new Map(committed))).toBe(lag);
});
