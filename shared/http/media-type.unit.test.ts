import { expect, test } from "vitest";
import { checkAccept, checkContentType } from "./media-type.ts";
import { ProblemError } from "./problem.ts";

const passes = (check: () => void): boolean => {
  try {
    check();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(ProblemError);
    return false;
  }
};

test.each([
  ["application/json", undefined, true],
  ["Application/JSON; charset=UTF-8", undefined, true],
  ['application/json;charset="utf-8"', "identity", true],
  ["application/json; charset=latin1", undefined, false],
  ["application/json", "gzip", false],
  ["text/plain", undefined, false],
  ["application/jsonp", undefined, false],
  ["", undefined, false],
  [undefined, undefined, false],
])("a body of %j, encoded %j, is read: %s", (type, encoding, expected) => {
  expect(passes(() => checkContentType("POST", type, encoding, ["application/json"]))).toBe(expected);
});

test("who sends another type is told those that are read", () => {
  try {
    checkContentType("PATCH", "text/plain", undefined, ["application/merge-patch+json", "application/json"]);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({
      problem: { status: 415, headers: { "accept-patch": "application/merge-patch+json, application/json" } },
    });
  }
});

test.each([
  [undefined, true],
  ["", true],
  ["*/*", true],
  ["application/*", true],
  ["text/html, application/json;q=0.1", true],
  ["application/health+json", true],
  ["text/html", false],
  ["application/xml, */*;q=0", false],
  ["application/json;q=0, */*;q=0", false],
  ["application/health+json;q=0, application/json;q=0, */*", false],
  ['text/plain;note="a,b;c", application/json', true],
])("Accept %j takes application/health+json: %s", (accept, expected) => {
  expect(passes(() => checkAccept(accept, "application/health+json"))).toBe(expected);
});
