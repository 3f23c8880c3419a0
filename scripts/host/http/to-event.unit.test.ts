import { expect, test } from "vitest";
import { type HttpRequest, toEvent } from "./to-event.ts";

/** The request of the example in AWS's developer guide, "Create AWS Lambda proxy integrations for HTTP APIs". */
const request: HttpRequest = {
  method: "POST",
  target: "/my/path?parameter1=value1&parameter1=value2&parameter2=value",
  httpVersion: "1.1",
  headers: [
    ["Host", "id.execute-api.us-east-1.amazonaws.com"],
    ["Content-Type", "text/plain"],
    ["Header1", "value1"],
    ["Header2", "value1"],
    ["HEADER2", "value2"],
    ["Cookie", "cookie1; cookie2"],
    ["User-Agent", "agent"],
    ["Connection", "keep-alive"],
  ],
  body: Buffer.from("Hello from client!"),
  sourceIp: "192.0.2.1",
  port: 8000,
  requestId: "id",
  receivedAt: 1583348638390,
};

const withBody = (contentType: string | undefined, body: Uint8Array) =>
  toEvent({ ...request, body, headers: contentType === undefined ? [] : [["content-type", contentType]] });

test("the example of AWS's guide: the event has its fields and values", () => {
  expect(toEvent(request)).toEqual({
    version: "2.0",
    routeKey: "$default",
    rawPath: "/my/path",
    rawQueryString: "parameter1=value1&parameter1=value2&parameter2=value",
    cookies: ["cookie1", "cookie2"],
    headers: {
      host: "id.execute-api.us-east-1.amazonaws.com",
      "content-type": "text/plain",
      header1: "value1",
      header2: "value1,value2",
      "user-agent": "agent",
      "x-forwarded-for": "192.0.2.1",
      "x-forwarded-port": "8000",
      "x-forwarded-proto": "http",
    },
    queryStringParameters: { parameter1: "value1,value2", parameter2: "value" },
    requestContext: {
      accountId: "000000000000",
      apiId: "local",
      domainName: "id.execute-api.us-east-1.amazonaws.com",
      domainPrefix: "local",
      http: { method: "POST", path: "/my/path", protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "agent" },
      requestId: "id",
      routeKey: "$default",
      stage: "$default",
      time: "04/Mar/2020:19:03:58 +0000",
      timeEpoch: 1583348638390,
    },
    body: "Hello from client!",
    isBase64Encoded: false,
  });
});

test("what is not there is left out, not empty", () => {
  const event = toEvent({ ...request, target: "/", headers: [], body: Buffer.alloc(0) });
  expect(event).not.toHaveProperty("body");
  expect(event).not.toHaveProperty("cookies");
  expect(event).not.toHaveProperty("queryStringParameters");
  expect(event.rawQueryString).toBe("");
});

test("the path and the query's values are decoded, the raw query is not", () => {
  const event = toEvent({ ...request, target: "/by-sku/a%20b%2Fc?text=gr%C3%BC%C3%9Fe+an&empty=" });
  expect(event.rawPath).toBe("/by-sku/a b/c");
  expect(event.queryStringParameters).toEqual({ text: "grüße an", empty: "" });
  expect(event.rawQueryString).toBe("text=gr%C3%BC%C3%9Fe+an&empty=");
  expect(toEvent({ ...request, target: "/100%" }).rawPath).toBe("/100%");
});

test.each([
  "text/csv",
  "application/json",
  "application/json; charset=utf-8",
  "application/xml",
  "application/javascript",
])("a body of type %s is text", (type) => {
  expect(withBody(type, Buffer.from('{"a":"ü"}'))).toMatchObject({ body: '{"a":"ü"}', isBase64Encoded: false });
});

test.each([
  "application/octet-stream",
  "application/merge-patch+json",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  undefined,
])("a body of type %s is base64, as on AWS", (type) => {
  expect(withBody(type, Buffer.from("{}"))).toMatchObject({ body: "e30=", isBase64Encoded: true });
});

test("a text body that is not UTF-8 arrives undamaged", () => {
  const event = withBody("text/plain", Buffer.from([0xff, 0x41]));
  expect(event).toMatchObject({ body: "/0E=", isBase64Encoded: true });
});

test("names that every object has are query parameters and headers like others", () => {
  const event = toEvent({ ...request, target: "/?constructor=1&__proto__=2", headers: [["constructor", "3"]] });
  expect(event.queryStringParameters?.["constructor"]).toBe("1");
  expect(event.headers["constructor"]).toBe("3");
});
