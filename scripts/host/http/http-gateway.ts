import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { routeMatcher } from "../../../shared/http/route-keys.ts";
import { ownAddress } from "../container.ts";
import { listenOn } from "../listen.ts";
import type { InvocationResult } from "../process/function-process.ts";
import { atRoute, toEvent } from "./to-event.ts";
import {
  type HttpResponse,
  internalServerError,
  notFound,
  requestTooLarge,
  serviceUnavailable,
  toResponse,
} from "./to-response.ts";

/** Stands where API Gateway stands: makes an event of each request, and an answer of what the function returns. */
export type HttpGateway = {
  readonly url: string;
  /** Takes no more requests; those in hand have the grace to end. */
  stop(graceMs: number): Promise<void>;
};

/** A function behind the gateway, and the routes that lead to it. */
export type HttpTarget = {
  readonly routeKeys: readonly string[];
  readonly invoke: (payload: string) => Promise<InvocationResult>;
};

export type HttpGatewayOptions = {
  /** 0: any free one. */
  readonly port: number;
  readonly targets: readonly HttpTarget[];
  /** 30 s unless said: the longest that an HTTP API waits for a function. */
  readonly timeoutMs?: number;
};

/** What sets the port, for the message when it is taken. */
export const httpPortSetting = { setting: "`--port` or PORT" };

/** Quotas of an HTTP API. */
const BODY_LIMIT_BYTES = 10 * 1024 * 1024;
const HEADER_LIMIT_BYTES = 10_240;
const TIMEOUT_MS = 30_000;

/** @returns undefined when it is longer than the limit; what comes beyond is read and thrown away, so that the client gets its answer */
const readBody = async (request: IncomingMessage): Promise<Uint8Array | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= BODY_LIMIT_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  return bytes <= BODY_LIMIT_BYTES ? Buffer.concat(chunks) : undefined;
};

const pairsOf = (rawHeaders: readonly string[]): readonly (readonly [string, string])[] =>
  Array.from({ length: rawHeaders.length / 2 }, (_, index) => [
    rawHeaders[2 * index] as string,
    rawHeaders[2 * index + 1] as string,
  ]);

const fromFailure = ({ reason }: InvocationResult & { readonly ok: false }): HttpResponse => {
  if (reason === "too-large") return requestTooLarge;
  return reason === "unavailable" ? serviceUnavailable : internalServerError;
};

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse; readonly requestId: string };

const write = ({ response, requestId }: Exchange, answer: HttpResponse, isStopping: boolean): void => {
  response.statusCode = answer.status;
  if (isStopping) response.setHeader("connection", "close"); // else an idle connection would keep the server from closing
  response.setHeader("apigw-requestid", requestId);
  for (const [name, value] of answer.headers) {
    if (name === "set-cookie") response.appendHeader(name, value);
    else if (name !== "content-length" && name !== "transfer-encoding") response.setHeader(name, value);
  }
  response.end(answer.body);
};

type Answering = Pick<HttpGatewayOptions, "timeoutMs"> & { readonly routed: ReturnType<typeof routing> };

/** Finds the function for an event, as an HTTP API does by its routes. */
const routing = (targets: readonly HttpTarget[]) => {
  const match = routeMatcher(targets.flatMap(({ routeKeys }) => routeKeys));
  return (event: ReturnType<typeof toEvent>) => {
    const route = match({ method: event.requestContext.http.method, path: event.rawPath });
    const target = targets.find(({ routeKeys }) => route !== undefined && routeKeys.includes(route.routeKey));
    if (route === undefined || target === undefined) return undefined;
    return { invoke: target.invoke, event: atRoute(event, route) };
  };
};

const answerTo = async ({ request, requestId }: Exchange, { routed, timeoutMs = TIMEOUT_MS }: Answering) => {
  const body = await readBody(request);
  if (body === undefined) return requestTooLarge;
  const { localPort = 0, remoteAddress = "" } = request.socket;
  const event = toEvent({
    method: request.method ?? "GET",
    target: request.url ?? "/",
    httpVersion: request.httpVersion,
    headers: pairsOf(request.rawHeaders),
    body,
    sourceIp: remoteAddress.replace(/^::ffff:/, ""),
    port: localPort,
    requestId,
    receivedAt: Date.now(),
  });
  const found = routed(event);
  if (found === undefined) return notFound;
  const done = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: done.signal }).catch(() => undefined);
  const result = await Promise.race([found.invoke(JSON.stringify(found.event)), late]);
  done.abort();
  if (result === undefined) return serviceUnavailable;
  return result.ok ? toResponse(result.payload) : fromFailure(result);
};

const handle = async (exchange: Exchange, answering: Answering, isStopping: () => boolean) => {
  const { response } = exchange;
  try {
    write(exchange, await answerTo(exchange, answering), isStopping());
  } catch {
    // Either the client broke off, and nobody reads this; or the function returned a header that is none.
    if (response.headersSent) response.destroy();
    else {
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      write(exchange, internalServerError, isStopping());
    }
  }
};

const close = async (server: Server, graceMs: number): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const patience = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(patience);
};

/**
 * Listens where the host does: `ownAddress`.
 * @throws SluiceError `port-taken`
 */
export const startHttpGateway = async (options: HttpGatewayOptions): Promise<HttpGateway> => {
  const answering = { ...options, routed: routing(options.targets) };
  const server = createServer({ maxHeaderSize: HEADER_LIMIT_BYTES }, (request, response) => {
    void handle({ request, response, requestId: randomUUID() }, answering, () => !server.listening);
  });
  const port = await listenOn(server, options.port, httpPortSetting);
  return { url: `http://${ownAddress()}:${port}`, stop: (graceMs) => close(server, graceMs) };
};
