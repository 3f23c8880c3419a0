import { expect, test } from "vitest";
import { etagOf, expectedVersions, isNotModified } from "./etag.ts";
import { ProblemError } from "./problem.ts";

const refusal = (header: string | undefined): number => {
  try {
    expectedVersions(header);
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.status;
  }
  return 0;
};

test.each([
  ['"7"', [7]],
  [' "7" ,"8"', [7, 8]],
  ['"7","8",', [7, 8]],
  ['"not-ours"', []],
  ['"07","1,2"', []],
  ['"99999999999999999999"', []],
  ["*", undefined],
])("If-Match %j expects %j", (header, versions) => {
  expect(expectedVersions(header)).toEqual(versions);
});

test("the tag that is given out is the one that is expected", () => {
  expect(etagOf(7)).toBe('"7"');
  expect(expectedVersions(etagOf(7))).toEqual([7]);
});

test.each(["", "7", '"7', '7"', 'W/"7"', '"7", W/"8"', '"7" "8"', '*, "7"', '"a b"', ","])(
  "If-Match %j is malformed",
  (header) => {
    expect(refusal(header)).toBe(400);
  },
);

test("a missing If-Match is required", () => {
  expect(refusal(undefined)).toBe(428);
});

test.each([
  ['"7"', true],
  ['W/"7"', true],
  ['"6", "7"', true],
  ["*", true],
  ['"6"', false],
  ["7", false],
  [undefined, false],
])("If-None-Match %j, not modified at version 7: %s", (header, expected) => {
  expect(isNotModified(header, 7)).toBe(expected);
});
