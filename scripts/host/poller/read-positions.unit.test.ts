import { expect, test } from "vitest";
import { createReadPositions } from "./read-positions.ts";

test("the first read begins anywhere, the next where it ended", () => {
  const positions = createReadPositions();
  expect(positions.follows(0, "300")).toBe(true);
  positions.readUpTo(0, "309");
  expect(positions.follows(0, "310")).toBe(true);
  expect(positions.follows(1, "5")).toBe(true);
});

test("a read under way during a rebalance is not taken; the one from the committed position is", () => {
  // given: read up to 500, of which 300 are committed, then a rebalance
  const positions = createReadPositions();
  positions.readUpTo(0, "499");
  positions.forget();

  // then
  expect(positions.follows(0, "500")).toBe(false);
  expect(positions.follows(0, "300")).toBe(false);
  expect(positions.follows(0, "300")).toBe(true);
  positions.readUpTo(0, "399");
  expect(positions.follows(0, "500")).toBe(false);
  expect(positions.follows(0, "400")).toBe(true);
});

test("a gap that comes twice is true: compaction and transactions leave some", () => {
  const positions = createReadPositions();
  positions.readUpTo(0, "9");
  expect(positions.follows(0, "12")).toBe(false);
  expect(positions.follows(0, "12")).toBe(true);
});
