import { expect, test } from "vitest";
import { measureProgress, type Sighting } from "./measure-progress.ts";

const sighting = (seconds: number, lag: number, committed: Record<string, number>): Sighting => ({
  group: "g",
  state: "Stable",
  at: seconds * 1000,
  lag: BigInt(lag),
  lagSeconds: 3,
  committed: new Map(Object.entries(committed).map(([key, offset]) => [key, BigInt(offset)])),
});

test("of the first sighting neither rate nor end is known", () => {
  expect(measureProgress(undefined, sighting(0, 100, { "t:0": 5 }))).toMatchObject({
    lag: 100n,
    rate: undefined,
    secondsToCatchUp: undefined,
  });
});

test("the rate is what was committed; the end comes by how the lag falls, writers included", () => {
  // given: 40 records read in 2 seconds, and 20 written meanwhile
  const before = sighting(0, 100, { "t:0": 5, "t:1": 0 });
  const now = sighting(2, 80, { "t:0": 25, "t:1": 20 });
  expect(measureProgress(before, now)).toMatchObject({ rate: 20, secondsToCatchUp: 8 });
});

test.each([
  ["reads, but writers are faster", sighting(2, 120, { "t:0": 15 }), 5, undefined],
  ["reads nothing", sighting(2, 100, { "t:0": 5 }), 0, undefined],
  ["has caught up", sighting(2, 0, { "t:0": 105 }), 50, 0],
  ["was rewound", sighting(2, 105, { "t:0": 0 }), undefined, undefined],
  ["commits in a partition for the first time", sighting(2, 90, { "t:0": 15, "t:1": 7 }), 5, 18],
])("a group that %s", (_, now, rate, secondsToCatchUp) => {
  expect(measureProgress(sighting(0, 100, { "t:0": 5 }), now)).toMatchObject({ rate, secondsToCatchUp });
});
