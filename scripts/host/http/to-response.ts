/** An answer as it goes out. */
export type HttpResponse = {
  readonly status: number;
  /** In order; `set-cookie` may repeat. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
};

const text = (value: string): Uint8Array => Buffer.from(value, "utf8");

/** What the gateway itself answers. */
export const gatewayAnswer = (status: number, message: string): HttpResponse => ({
  status,
  headers: [["content-type", "application/json"]],
  body: text(JSON.stringify({ message })),
});

export const notFound = gatewayAnswer(404, "Not Found");
export const internalServerError = gatewayAnswer(500, "Internal Server Error");
export const serviceUnavailable = gatewayAnswer(503, "Service Unavailable");
export const requestTooLarge = gatewayAnswer(413, "Request Entity Too Large");

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isHeaderValue = (value: unknown): value is string | number | boolean =>
  ["string", "number", "boolean"].includes(typeof value);

const toHeaders = (headers: unknown, cookies: unknown): HttpResponse["headers"] | undefined => {
  const pairs = Object.entries(headers ?? {});
  const setCookies = cookies ?? [];
  if (!isObject(headers ?? {}) || !pairs.every(([, value]) => isHeaderValue(value))) return undefined;
  if (!Array.isArray(setCookies) || !setCookies.every((each) => typeof each === "string")) return undefined;
  return [
    ...pairs.map(([name, value]) => [name.toLowerCase(), String(value)] as const),
    ...setCookies.map((cookie: string) => ["set-cookie", cookie] as const),
  ];
};

const structured = (answer: Record<string, unknown>): HttpResponse | undefined => {
  const { statusCode, headers, cookies, body = "", isBase64Encoded = false } = answer;
  if (!Number.isInteger(statusCode) || (statusCode as number) < 100 || (statusCode as number) > 599) return undefined;
  if (body !== null && typeof body !== "string") return undefined;
  const pairs = toHeaders(headers, cookies);
  if (pairs === undefined) return undefined;
  const bytes = isBase64Encoded === true ? Buffer.from(body ?? "", "base64") : text(body ?? "");
  const typed = bytes.length === 0 || pairs.some(([name]) => name === "content-type");
  return {
    status: statusCode as number,
    headers: typed ? pairs : [...pairs, ["content-type", "text/plain;charset=utf-8"]],
    body: bytes,
  };
};

/**
 * What an HTTP API, payload format 2.0, answers for what the function returned: a structured answer if it has a
 * `statusCode`; else 200 with the returned JSON (a string as it is). What is malformed becomes a 500.
 * @param payload the function's answer as JSON
 */
export const toResponse = (payload: string): HttpResponse => {
  const answer: unknown = JSON.parse(payload);
  if (isObject(answer) && "statusCode" in answer) return structured(answer) ?? internalServerError;
  const body = typeof answer === "string" ? answer : payload;
  return { status: 200, headers: [["content-type", "application/json"]], body: text(body) };
};
