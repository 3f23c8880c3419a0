import { createServer, type IncomingMessage } from "node:http";
import { listenOn } from "../../host/listen.ts";
import type { FunctionPool } from "../../host/process/function-pool.ts";
import type { Execution, LocalMachine } from "./local-executions.ts";

export type EndpointOptions = {
  readonly parameters: Readonly<Record<string, string>>;
  /** By the names that they have on AWS. */
  readonly functionOf: (name: string) => Pick<FunctionPool, "invoke"> | undefined;
  /** By their ARNs. */
  readonly machines: Readonly<Record<string, Pick<LocalMachine, "start">>>;
  /** The name of the error that an action is refused with, where one is. */
  readonly refuse?: (action: string) => string | undefined;
};

type Reply = { readonly status?: number; readonly headers?: Record<string, string>; readonly body: unknown };
type Fields = Readonly<Record<string, string>>;

const refusal = (name: string, message: string): Reply => ({
  status: 400,
  headers: { "x-amzn-errortype": name },
  body: { __type: name, message },
});

const invoke = async (pool: Pick<FunctionPool, "invoke"> | undefined, payload: string): Promise<Reply> => {
  if (pool === undefined) return { ...refusal("ResourceNotFoundException", "there is no such function"), status: 404 };
  const result = await pool.invoke(payload);
  if (result.ok) return { body: JSON.parse(result.payload) };
  return { headers: { "x-amz-function-error": "Unhandled" }, body: result.error };
};

const parametersUnder = (parameters: EndpointOptions["parameters"], { Path = "" }: Fields): Reply => {
  const found = Object.entries(parameters).filter(([name]) => name.startsWith(`${Path}/`));
  return { body: { Parameters: found.map(([Name, Value]) => ({ Name, Value, Type: "String" })) } };
};

/** Step Functions, as far as the tool asks it. */
const createExecutions = (machines: EndpointOptions["machines"]) => {
  const executions = new Map<string, Execution>();
  const text = (value: unknown) => (value === undefined ? undefined : JSON.stringify(value));
  const of = ({ executionArn = "" }: Fields) => executions.get(executionArn) as Execution;
  const answers: Readonly<Record<string, (fields: Fields) => Reply>> = {
    StartExecution: ({ stateMachineArn = "", input = "{}" }) => {
      const machine = machines[stateMachineArn];
      if (machine === undefined) return refusal("StateMachineDoesNotExist", "there is no such state machine");
      const executionArn = `${stateMachineArn.replace(":stateMachine:", ":execution:")}:run-${executions.size}`;
      executions.set(executionArn, machine.start(JSON.parse(input)));
      return { body: { executionArn, startDate: Date.now() / 1000 } };
    },
    DescribeExecution: (fields) => {
      const { status, output, error, cause } = of(fields);
      return { body: { executionArn: fields["executionArn"], status, output: text(output), error, cause } };
    },
    GetExecutionHistory: (fields) => {
      const events = of(fields).left.map(({ name, type, output }, index) => ({
        ...{ id: index + 1, timestamp: Date.now() / 1000, type: `${type}StateExited` },
        stateExitedEventDetails: { name, output: text(output) },
      }));
      return { body: { events: events.reverse() } };
    },
  };
  return { executions, answers };
};

const bodyOf = async (incoming: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

/** As much of AWS as the tool and the functions ask for: Lambda's Invoke, SSM's parameters, Step Functions by the local engine. */
export const startStageEndpoint = async ({
  parameters,
  functionOf,
  machines,
  refuse = () => undefined,
}: EndpointOptions) => {
  const { executions, answers } = createExecutions(machines);
  const reply = (url: string, target: string, body: string): Reply | Promise<Reply> => {
    const action = target.split(".").at(-1) || "Invoke";
    const error = refuse(action);
    if (error !== undefined) return refusal(error, `${action} is refused by a test`);
    const [, name] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(url) ?? [];
    if (name !== undefined) return invoke(functionOf(decodeURIComponent(name)), body);
    const fields: Fields = JSON.parse(body || "{}");
    if (action === "GetParametersByPath") return parametersUnder(parameters, fields);
    return answers[action]?.(fields) ?? refusal("UnknownOperationException", `${action} is none of ours`);
  };
  const server = createServer(async (incoming, response) => {
    const target = String(incoming.headers["x-amz-target"] ?? "");
    const { status = 200, headers = {}, body } = await reply(incoming.url ?? "", target, await bodyOf(incoming));
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0", ...headers });
    response.end(JSON.stringify(body));
  });
  const port = await listenOn(server, 0, { setting: "" });
  return {
    url: `http://127.0.0.1:${port}`,
    /** Every execution that was started, oldest first. */
    executions: (): readonly Execution[] => [...executions.values()],
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};
