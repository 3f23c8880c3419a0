import { expect, test } from "vitest";
import { internalServerError, toResponse } from "./to-response.ts";

const answer = (returned: unknown) => {
  const { status, headers, body } = toResponse(JSON.stringify(returned));
  return { status, headers, text: Buffer.from(body).toString("utf8") };
};
const json = ["content-type", "application/json"];

test("an object without a statusCode is a 200 with that JSON (AWS's example)", () => {
  expect(answer({ message: "Hello from Lambda!" })).toEqual({
    status: 200,
    headers: [json],
    text: '{"message":"Hello from Lambda!"}',
  });
});

test("a string is a 200 with that text (AWS's example)", () => {
  expect(answer("Hello from Lambda!")).toEqual({ status: 200, headers: [json], text: "Hello from Lambda!" });
});

test("a structured answer: status, headers, cookies, body (AWS's example)", () => {
  const returned = {
    cookies: ["cookie1", "cookie2"],
    isBase64Encoded: true,
    statusCode: 201,
    headers: { HeaderName: "headerValue", "X-Count": 3, "content-type": "text/plain" },
    body: "SGVsbG8gZnJvbSBMYW1iZGEh",
  };
  expect(answer(returned)).toEqual({
    status: 201,
    headers: [
      ["headername", "headerValue"],
      ["x-count", "3"],
      ["content-type", "text/plain"],
      ["set-cookie", "cookie1"],
      ["set-cookie", "cookie2"],
    ],
    text: "Hello from Lambda!",
  });
});

test("without body and headers there is neither", () => {
  expect(answer({ statusCode: 204 })).toEqual({ status: 204, headers: [], text: "" });
});

test("a body without a type is said to be text", () => {
  expect(answer({ statusCode: 200, body: "ü" }).headers).toEqual([["content-type", "text/plain;charset=utf-8"]]);
});

test.each([
  { statusCode: "ok" },
  { statusCode: 200.5 },
  { statusCode: 1000 },
  { statusCode: 200, body: { not: "a string" } },
  { statusCode: 200, headers: { a: ["b"] } },
  { statusCode: 200, headers: "a: b" },
  { statusCode: 200, cookies: "a=b" },
])("a malformed answer %j is a 500", (returned) => {
  expect(toResponse(JSON.stringify(returned))).toBe(internalServerError);
  expect(Buffer.from(internalServerError.body).toString()).toBe('{"message":"Internal Server Error"}');
});
