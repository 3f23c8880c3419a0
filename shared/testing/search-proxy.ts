import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a proxy does with a request: answers by itself, or passes it on and may change the answer. */
export type ProxyRule = (request: {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}) =>
  | { readonly status: number; readonly body: object }
  | { readonly pass: string; readonly change?: (answer: string) => string };

export type SearchProxy = AsyncDisposable & {
  readonly url: string;
  /** Applies from now on. Everything passes at first. */
  setRule(rule: ProxyRule): void;
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const answer = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(body);
};

/** An HTTP proxy before a search server that can be told to fail as one that is overloaded does. */
export const startSearchProxy = async (target: string): Promise<SearchProxy> => {
  let rule: ProxyRule = ({ body }) => ({ pass: body });
  const server = createServer(async (request, response) => {
    const { method = "GET", url: path = "/" } = request;
    const body = await bodyOf(request);
    const decision = rule({ method, path, body });
    if ("status" in decision) return answer(response, decision.status, JSON.stringify(decision.body));
    const passed = await fetch(new URL(path, target), {
      method,
      headers: { "content-type": request.headers["content-type"] ?? "application/json" },
      ...(decision.pass !== "" && { body: decision.pass }),
    });
    const text = await passed.text();
    answer(response, passed.status, decision.change?.(text) ?? text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setRule: (next) => {
      rule = next;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
