import { expect, test } from "vitest";
import { accessOf, routeKeysOf, routeMatcher } from "./route-keys.ts";

test("a route that answers GET has a key for HEAD too, and no key ends with a slash", () => {
  expect(routeKeysOf({ method: "GET", path: "/things/{id}" })).toEqual(["GET /things/{id}", "HEAD /things/{id}"]);
  expect(routeKeysOf({ method: "POST", path: "/things" })).toEqual(["POST /things"]);
  expect(() => routeKeysOf({ method: "GET", path: "/things/" })).toThrow("does not end with a slash");
});

test("reading is GET, and all else is writing", () => {
  expect((["GET", "POST", "PATCH", "DELETE"] as const).map((method) => accessOf({ method }))).toEqual([
    "read",
    "write",
    "write",
    "write",
  ]);
});

const match = routeMatcher(["$default", "GET /a/{id}", "GET /a/b", "POST /a/{id}/c", "GET /a.json"]);

test.each([
  ["GET /a/b", "GET /a/b", undefined],
  ["GET /a/7", "GET /a/{id}", { id: "7" }],
  ["POST /a/7/c", "POST /a/{id}/c", { id: "7" }],
  ["GET /a.json", "GET /a.json", undefined],
  ["GET /axjson", "$default", undefined],
  ["GET /a/7/", "$default", undefined],
  ["GET /a/", "$default", undefined],
  ["GET /a/7/8", "$default", undefined],
  ["POST /a/7", "$default", undefined],
])("%s is taken by %s", (asked, routeKey, pathParameters) => {
  const [method = "", path = ""] = asked.split(" ");
  expect(match({ method, path })).toEqual({ routeKey, pathParameters });
});

test("without $default, what no route takes is taken by none", () => {
  expect(routeMatcher(["GET /a"])({ method: "GET", path: "/b" })).toBeUndefined();
});
