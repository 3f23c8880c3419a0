import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { listenOn } from "../listen.ts";
import type { MappingStatus } from "../poller/mapping.ts";

/** Answers for event source mappings on Kafka, which no emulator has, and passes on all else. */
export type MappingEndpoint = { readonly url: string; stop(): Promise<void> };

/** The pollers that stand for mappings: of a host in this process, or of one that is controlled. */
export type Pollers = {
  list(): Promise<readonly MappingStatus[]>;
  /** Both ask for it, and do not wait. */
  enable(functionName: string): void;
  disable(functionName: string): void;
};

export type MappingEndpointOptions = {
  /** What stands behind it; undefined where nothing but mappings is asked for. */
  readonly emulator: string | undefined;
  /**
   * Other emulators for some services, by the names that requests are signed for: `states`, `ssm`.
   */
  readonly emulatorOf?: Readonly<Record<string, string>>;
  /** The ARN of a function, by its name here. */
  readonly arnOf: (functionName: string) => string;
  readonly pollers: Pollers;
};

const PATH = /^\/2015-03-31\/event-source-mappings\/?([^/?]*)(?:\?(.*))?$/;

/** A mapping's id, from its function's name: the same for as long as there is one. */
const uuidOf = (name: string): string => {
  const hex = Buffer.from(name.padEnd(16).slice(-16)).toString("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html */
const describe = (status: MappingStatus, arnOf: MappingEndpointOptions["arnOf"]) => {
  const { function: name, topic, groupId, state, batchSize, windowMs, lastProcessingResult } = status;
  return {
    UUID: uuidOf(name),
    FunctionArn: arnOf(name),
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

const isOn: ReadonlySet<MappingStatus["state"]> = new Set(["Creating", "Enabling", "Enabled"]);

/** As Lambda does, it answers at once, with the state on the way: Enabling or Disabling. */
const update = (found: MappingStatus, enabled: boolean | undefined, { pollers, arnOf }: MappingEndpointOptions) => {
  if (enabled === true) pollers.enable(found.function);
  if (enabled === false) pollers.disable(found.function);
  const described = describe(found, arnOf);
  if (enabled === undefined || enabled === isOn.has(found.state)) return described;
  return { ...described, State: enabled ? "Enabling" : "Disabling" };
};

const refuse = (response: ServerResponse, status: number, kind: string, message: string): void => {
  response.setHeader("x-amzn-errortype", kind);
  answer(response, status, { Type: "User", Message: message });
};

type Asked = { readonly method: string; readonly uuid: string; readonly query: URLSearchParams };

const answerForMapping = async (
  { method, uuid, query }: Asked,
  { incoming, response }: Exchange,
  options: MappingEndpointOptions,
): Promise<void> => {
  const { pollers, arnOf } = options;
  const all = await pollers.list();
  if (method === "GET" && uuid === "") {
    const functionName = query.get("FunctionName");
    const isAsked = (arn: string) => functionName === null || arn === functionName || arn.endsWith(`:${functionName}`);
    const found = all.map((status) => describe(status, arnOf)).filter(({ FunctionArn }) => isAsked(FunctionArn));
    return answer(response, 200, { EventSourceMappings: found });
  }
  const found = all.find((each) => uuidOf(each.function) === uuid);
  if (found === undefined)
    return refuse(response, 404, "ResourceNotFoundException", "The resource you requested does not exist.");
  if (method === "GET") return answer(response, 200, describe(found, arnOf));
  if (method === "PUT") return answer(response, 202, update(found, (await bodyOf(incoming)).Enabled, options));
  refuse(response, 400, "InvalidParameterValueException", `${method} is not for the mappings of a poller`);
};

type Exchange = { readonly incoming: IncomingMessage; readonly response: ServerResponse };

/**
 * The service that a request is signed for:
 * `Credential=KEY/20260101/us-east-1/states/aws4_request`.
 */
const serviceOf = ({ headers }: IncomingMessage): string =>
  /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? "")?.[1] ?? "";

const passOn = ({ incoming, response }: Exchange, emulator: string): void => {
  const { method, url: path, headers } = incoming;
  const { hostname, port } = new URL(emulator);
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
  const { emulator, emulatorOf = {} } = options;
  const server = createServer((incoming, response) => {
    const [, uuid, query] = PATH.exec(incoming.url ?? "") ?? [];
    const exchange = { incoming, response };
    if (uuid === undefined && emulator !== undefined)
      return passOn(exchange, emulatorOf[serviceOf(incoming)] ?? emulator);
    if (uuid === undefined)
      return refuse(response, 404, "ResourceNotFoundException", `nothing here answers to ${incoming.url}`);
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
