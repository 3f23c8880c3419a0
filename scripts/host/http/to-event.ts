import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { RouteMatch } from "../../../shared/http/route-keys.ts";

/** A request as it came in, before anything is made of it. */
export type HttpRequest = {
  readonly method: string;
  /** The request target: path and query. */
  readonly target: string;
  readonly httpVersion: string;
  /** In order, repeats kept. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  readonly sourceIp: string;
  /** Where the host listens. */
  readonly port: number;
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
};

/** These are between two neighbours on the wire; what is behind a gateway never sees them. */
const hopByHop = new Set(["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect"]);

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `12/Mar/2020:19:03:58 +0000` */
const logTime = (ms: number): string => {
  const at = new Date(ms);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}`;
  return `${day}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`;
};

const collect = (pairs: Iterable<readonly [string, string]>): Record<string, string> => {
  const collected: Record<string, string> = Object.create(null);
  for (const [name, value] of pairs)
    collected[name] = collected[name] === undefined ? value : `${collected[name]},${value}`;
  return { ...collected };
};

const decodePath = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

/**
 * As AWS does it (tried against the real thing in ministackorg/ministack#766): these are text, and all else is binary,
 * `application/merge-patch+json` and a body without a type included. Text that is not UTF-8 goes as binary, undamaged.
 */
const isTextType = (contentType: string | undefined): boolean =>
  /^(text\/[\w.+-]+|application\/(json|javascript|xml))\s*(;|$)/i.test(contentType ?? "");

const decodeText = (body: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
};

const toBody = (body: Uint8Array, contentType: string | undefined) => {
  if (body.length === 0) return { isBase64Encoded: false };
  const text = isTextType(contentType) ? decodeText(body) : undefined;
  return text === undefined
    ? { body: Buffer.from(body).toString("base64"), isBase64Encoded: true }
    : { body: text, isBase64Encoded: false };
};

/**
 * The event that an API Gateway HTTP API makes of a request, payload format 2.0: lower-case headers and repeated ones
 * joined by commas, cookies apart, repeated query parameters joined by commas, the path decoded.
 * See https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export const toEvent = (request: HttpRequest): APIGatewayProxyEventV2 => {
  const queryAt = request.target.indexOf("?");
  const path = queryAt < 0 ? request.target : request.target.slice(0, queryAt);
  const rawQueryString = queryAt < 0 ? "" : request.target.slice(queryAt + 1);
  const named = request.headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  const cookies = named.filter(([name]) => name === "cookie").flatMap(([, value]) => value.split(/;\s*/));
  const headers = collect(named.filter(([name]) => name !== "cookie" && !hopByHop.has(name)));
  const forwarded = headers["x-forwarded-for"];
  const query = collect(new URLSearchParams(rawQueryString));
  const rawPath = decodePath(path);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    ...(cookies.length > 0 ? { cookies } : {}),
    headers: {
      ...headers,
      "x-forwarded-for": forwarded === undefined ? request.sourceIp : `${forwarded}, ${request.sourceIp}`,
      "x-forwarded-port": String(request.port),
      "x-forwarded-proto": "http",
    },
    ...(Object.keys(query).length > 0 ? { queryStringParameters: query } : {}),
    requestContext: {
      accountId: "000000000000",
      apiId: "local",
      domainName: headers["host"] ?? `127.0.0.1:${request.port}`,
      domainPrefix: "local",
      http: {
        method: request.method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: request.requestId,
      routeKey: "$default",
      stage: "$default",
      time: logTime(request.receivedAt),
      timeEpoch: request.receivedAt,
    },
    ...toBody(request.body, headers["content-type"]),
  };
};

/** The same event by the route that takes it. */
export const atRoute = (
  event: APIGatewayProxyEventV2,
  { routeKey, pathParameters }: RouteMatch,
): APIGatewayProxyEventV2 => ({
  ...event,
  routeKey,
  ...(pathParameters === undefined ? {} : { pathParameters }),
  requestContext: { ...event.requestContext, routeKey },
});
