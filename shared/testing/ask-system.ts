import type { Call, Called } from "./http-call.ts";

/** What HTTP and the gateway add to every answer, and no document describes. */
const ofTransport = new Set([
  "date",
  "connection",
  "keep-alive",
  "content-length",
  "transfer-encoding",
  "apigw-requestid",
]);

/** Asks the running system over HTTP, as `call` asks a handler: `ask("GET /things?limit=1")`. */
export const askSystem =
  (url: string) =>
  async (asked: string, { headers = {}, body }: Call = {}): Promise<Called> => {
    const [method = "", target = ""] = asked.split(" ");
    const response = await fetch(`${url}${target}`, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    // A gateway gives a type to an answer that has none; what the API itself answers is walked in openapi-walk.int.test.ts.
    const ofGateway = (name: string) => ofTransport.has(name) || (name === "content-type" && text === "");
    const described = [...response.headers].filter(([name]) => !ofGateway(name));
    const isJson = /^application\/([\w.-]+\+)?json/.test(response.headers.get("content-type") ?? "");
    return {
      status: response.status,
      headers: Object.fromEntries(described),
      text,
      body: isJson && text !== "" ? JSON.parse(text) : undefined,
    };
  };
