import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { listenOn } from "../host/listen.ts";
import type { Mapping } from "../host/poller/mapping.ts";
import { account, functionArn } from "./deploy-functions.ts";

/** What stands before an emulator: it answers for event source mappings, of which no emulator has one on Kafka, and passes on all else. */
export type MappingEndpoint = { readonly url: string; stop(): Promise<void> };

export type MappingEndpointOptions = {
  readonly emulator: string;
  readonly stage: string;
  /** The pollers of the host, known once it has started. */
  readonly mappings: () => readonly Mapping[];
};

const PATH = /^\/2015-03-31\/event-source-mappings\/?([^/?]*)(?:\?(.*))?$/;

/** A mapping's id, from its function's name: the same for as long as there is one. */
const uuidOf = (name: string): string => {
  const hex = Buffer.from(name.padEnd(16).slice(-16)).toString("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html */
const describe = (mapping: Mapping, stage: string) => {
  const { function: name, topic, groupId, state, batchSize, windowMs, lastProcessingResult } = mapping.status();
  return {
    UUID: uuidOf(name),
    FunctionArn: functionArn(stage, name),
    EventSourceMappingArn: `arn:aws:lambda:us-east-1:${account}:event-source-mapping:${uuidOf(name)}`,
    State: state,
    Topics: [topic],
    SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: groupId },
    BatchSize: batchSize,
    MaximumBatchingWindowInSeconds: windowMs / 1000,
    LastProcessingResult: lastProcessingResult,
    FunctionResponseTypes: ["ReportBatchItemFailures"],
  };
};

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
};

const bodyOf = async (incoming: IncomingMessage): Promise<{ readonly Enabled?: boolean }> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
};

/** As Lambda does, it answers at once with the state on the way: Enabling or Disabling. */
const update = (mapping: Mapping, enabled: boolean | undefined, stage: string) => {
  const { state } = mapping.status();
  if (enabled === true) mapping.enable();
  if (enabled === false) mapping.disable();
  const on = state === "Enabled" || state === "Enabling" || state === "Creating";
  const moving = enabled === undefined || enabled === on ? state : enabled ? "Enabling" : "Disabling";
  return { ...describe(mapping, stage), State: moving };
};

type Asked = { readonly method: string; readonly uuid: string; readonly query: URLSearchParams };

const answerForMapping = async (
  { method, uuid, query }: Asked,
  { incoming, response }: Exchange,
  { stage, mappings }: MappingEndpointOptions,
): Promise<void> => {
  const functionName = query.get("FunctionName");
  if (method === "GET" && uuid === "") {
    const found = mappings().map((mapping) => describe(mapping, stage));
    const named = ({ FunctionArn }: { FunctionArn: string }) =>
      functionName === null || FunctionArn === functionName || FunctionArn.endsWith(`:${functionName}`);
    return answer(response, 200, { EventSourceMappings: found.filter(named) });
  }
  const mapping = mappings().find((each) => uuidOf(each.status().function) === uuid);
  if (mapping === undefined) {
    response.setHeader("x-amzn-errortype", "ResourceNotFoundException");
    return answer(response, 404, { Type: "User", Message: "The resource you requested does not exist." });
  }
  if (method === "GET") return answer(response, 200, describe(mapping, stage));
  if (method === "PUT") return answer(response, 202, update(mapping, (await bodyOf(incoming)).Enabled, stage));
  response.setHeader("x-amzn-errortype", "InvalidParameterValueException");
  answer(response, 400, { Type: "User", Message: `${method} is not for the mappings of a poller` });
};

type Exchange = { readonly incoming: IncomingMessage; readonly response: ServerResponse };

const passOn = ({ incoming, response }: Exchange, emulator: URL): void => {
  const { method, url: path, headers } = incoming;
  const { hostname, port } = emulator;
  const asked = request({ hostname, port, method, path, headers }, (answered) => {
    response.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(response);
  });
  asked.on("error", () => (response.headersSent ? response.destroy() : answer(response, 502, {})));
  response.on("close", () => asked.destroy());
  incoming.pipe(asked);
};

/** Listens on a free port of 127.0.0.1. */
export const startMappingEndpoint = async (options: MappingEndpointOptions): Promise<MappingEndpoint> => {
  const emulator = new URL(options.emulator);
  const server = createServer((incoming, response) => {
    const [, uuid, query] = PATH.exec(incoming.url ?? "") ?? [];
    const exchange = { incoming, response };
    if (uuid === undefined) return passOn(exchange, emulator);
    const asked = { method: incoming.method ?? "GET", uuid, query: new URLSearchParams(query) };
    answerForMapping(asked, exchange, options).catch((fault: Error) => {
      if (!response.headersSent) answer(response, 500, { Message: fault.message });
    });
  });
  server.requestTimeout = 0; // an invocation may take 14 minutes
  const port = await listenOn(server, 0, { setting: "" });
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};
