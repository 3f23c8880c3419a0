import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { ownAddress } from "../container.ts";
import { listenOn } from "../listen.ts";
import type { MetricSums } from "../metrics-store.ts";
import type { Mapping, MappingStatus } from "../poller/mapping.ts";
import type { FunctionStatus } from "../process/function-pool.ts";

/** What can be asked of a running host, over HTTP at the host's own address with the token as bearer. Used through control-client.ts. */
export type ControlServer = { readonly url: string; readonly token: string; stop(): Promise<void> };

/** A function, and whether its schedule or mapping is held off by an operator. */
export type HostedFunction = FunctionStatus & { readonly paused: boolean };

export type Controlled = {
  functions(): readonly HostedFunction[];
  metrics(): MetricSums;
  readonly mappings: readonly Mapping[];
  /** Reads again what operators have paused, and returns when it is so. */
  readPauses(): Promise<void>;
  /** Has new processes in the place of a function's. Returns when those have ended what they were at. */
  restart(functionName: string): Promise<void>;
};

/** The first line of a hold's answer. It comes once the mapping is Disabled; the hold ends with the connection. */
export type HoldLine = { readonly held: MappingStatus };

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body)}\n`);
};

const isAllowed = (request: IncomingMessage, token: string): boolean => {
  const given = Buffer.from(request.headers.authorization ?? "");
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};

/** Only while the connection is open, so that whoever dies with a hold cannot leave the mapping off. */
const hold = async (mapping: Mapping, response: ServerResponse): Promise<void> => {
  const closed = new AbortController();
  const release = mapping.hold();
  response.on("close", () => {
    release();
    closed.abort(new Error("the holder is gone"));
  });
  await mapping.reached("Disabled", closed.signal);
  const line: HoldLine = { held: mapping.status() };
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  response.write(`${JSON.stringify(line)}\n`);
};

const changeMapping = async (mapping: Mapping, verb: string | undefined, response: ServerResponse): Promise<void> => {
  if (verb === "hold") return hold(mapping, response);
  const gone = new AbortController();
  response.on("close", () => gone.abort(new Error("nobody waits any more")));
  if (verb === "enable") mapping.enable();
  else mapping.disable();
  await mapping.reached(verb === "enable" ? "Enabled" : "Disabled", gone.signal);
  answer(response, 200, mapping.status());
};

/** Answers what the function is then. */
const restart = async (
  controlled: Controlled,
  name: string | undefined,
  response: ServerResponse,
): Promise<boolean> => {
  const statusOf = () => controlled.functions().find((each) => each.name === name);
  if (name === undefined || statusOf() === undefined) return false;
  await controlled.restart(name);
  answer(response, 200, statusOf());
  return true;
};

const route = async (controlled: Controlled, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const asked = `${request.method} ${request.url}`;
  if (asked === "GET /functions") return answer(response, 200, controlled.functions());
  if (asked === "GET /mappings")
    return answer(
      response,
      200,
      controlled.mappings.map((mapping) => mapping.status()),
    );
  if (asked === "GET /metrics") return answer(response, 200, controlled.metrics());
  if (asked === "POST /pauses") {
    await controlled.readPauses();
    return answer(response, 200, controlled.functions());
  }
  const [, restarted] = /^POST \/functions\/([\w-]+)\/restart$/.exec(asked) ?? [];
  if (await restart(controlled, restarted, response)) return;
  const [, name, verb] = /^POST \/mappings\/([\w-]+)\/(enable|disable|hold)$/.exec(asked) ?? [];
  const mapping = controlled.mappings.find((each) => each.status().function === name);
  if (mapping === undefined) return answer(response, 404, { message: `nothing answers to ${asked}` });
  await changeMapping(mapping, verb, response);
};

/** Listens on a free port. */
export const startControlServer = async (controlled: Controlled): Promise<ControlServer> => {
  const token = randomBytes(24).toString("base64url");
  const server = createServer((request, response) => {
    if (!isAllowed(request, token)) return answer(response, 401, { message: "the token of the host's file is wanted" });
    route(controlled, request, response).catch((fault: Error) => {
      if (!response.headersSent && !response.destroyed) answer(response, 500, { message: fault.message });
    });
  });
  const port = await listenOn(server, 0, { setting: "" });
  return {
    url: `http://${ownAddress()}:${port}`,
    token,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};
