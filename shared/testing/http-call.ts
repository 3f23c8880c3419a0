import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import type { Answer } from "../http/answer.ts";

export type Call = {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; or as it is when it is a string. */
  readonly body?: unknown;
  /** The subject of a JWT that an authorizer has checked. */
  readonly subject?: string;
};

/** An answer with its body parsed where it is JSON. */
export type Called = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever was answered
  readonly body: any;
};

/** The event that API Gateway makes of a request, payload format 2.0. */
export const httpEvent = (asked: string, { headers = {}, body, subject }: Call = {}): APIGatewayProxyEventV2 => {
  const [method = "GET", target = "/"] = asked.split(" ");
  const [path = "/", query = ""] = target.split("?");
  const json: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
  const authorizer = subject === undefined ? {} : { authorizer: { jwt: { claims: { sub: subject }, scopes: [] } } };
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    headers: { ...json, ...headers },
    requestContext: {
      ...authorizer,
      ...{ accountId: "1", apiId: "api", domainName: "localhost", domainPrefix: "api", stage: "$default" },
      ...{ requestId: "1", routeKey: "$default", time: "01/Jan/2026:00:00:00 +0000", timeEpoch: 0 },
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" },
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    isBase64Encoded: false,
  };
};

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<Answer>;

/** Calls a Lambda handler as API Gateway would: `call(handler, "GET /things?limit=1")`. */
export const call = async (handler: Handler, asked: string, more: Call = {}): Promise<Called> => {
  const { statusCode, headers, body } = await handler(httpEvent(asked, more), {} as Context);
  const isJson = /^application\/([\w.-]+\+)?json/.test(headers["content-type"] ?? "");
  return { status: statusCode, headers, text: body, body: isJson && body !== "" ? JSON.parse(body) : undefined };
};
