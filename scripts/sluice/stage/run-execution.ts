import { setTimeout as sleep } from "node:timers/promises";
import type { SFNClient } from "@aws-sdk/client-sfn";
import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import { askAws } from "./ask-aws.ts";
import type { Stage } from "./find-stage.ts";
import { type Patience, patiently } from "./patiently.ts";

/** What an execution may be started with: 256 KiB. */
const MAX_INPUT_BYTES = 256 * 1024;

/** A state that an execution has left, and what it answered. */
export type PassedState = { readonly name: string; readonly output: unknown };

export type ExecutionEnd =
  | { readonly kind: "succeeded"; readonly output: unknown }
  /** With the state machine's own error and cause. */
  | { readonly kind: "failed"; readonly error: string; readonly cause: string };

const withClient = async <Answer>(stage: Stage, work: (client: SFNClient) => Promise<Answer>): Promise<Answer> => {
  const { SFNClient } = await import("@aws-sdk/client-sfn");
  const client = new SFNClient({});
  try {
    return await askAws(stage.name, () => work(client));
  } finally {
    client.destroy();
  }
};

/**
 * Starts a state machine.
 * @returns the execution's ARN
 * @throws SluiceError `request-too-large`; see `askAws`
 */
export const startExecution = async (
  stage: Stage,
  machine: Parameters<Stage["stateMachineOf"]>[0],
  input: unknown,
): Promise<string> => {
  const text = JSON.stringify(input);
  if (Buffer.byteLength(text) > MAX_INPUT_BYTES)
    throw new SluiceError("request-too-large", "what is asked is larger than the 256 KB that an execution takes");
  const { StartExecutionCommand } = await import("@aws-sdk/client-sfn");
  const command = new StartExecutionCommand({ stateMachineArn: stage.stateMachineOf(machine), input: text });
  const { executionArn } = await withClient(stage, (client) => client.send(command));
  return executionArn as string;
};

const json = (text: string | undefined): unknown => (text === undefined || text === "" ? undefined : JSON.parse(text));

/** The newest state that was left, tasks before choices and waits: these pass on what they were given. */
const newestState = async (client: SFNClient, executionArn: string): Promise<PassedState | undefined> => {
  const { GetExecutionHistoryCommand } = await import("@aws-sdk/client-sfn");
  const { events = [] } = await client.send(
    new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 20, includeExecutionData: true }),
  );
  const left = events.find(({ stateExitedEventDetails }) => stateExitedEventDetails?.output !== undefined);
  const details = left?.stateExitedEventDetails;
  return details && { name: details.name ?? "", output: json(details.output) };
};

const endOf = async (client: SFNClient, executionArn: string): Promise<ExecutionEnd | undefined> => {
  const { DescribeExecutionCommand } = await import("@aws-sdk/client-sfn");
  const { status, output, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
  if (status === "RUNNING" || status === "PENDING_REDRIVE") return undefined;
  if (status === "SUCCEEDED") return { kind: "succeeded", output: json(output) };
  return { kind: "failed", error: error ?? `execution-${status?.toLowerCase()}`, cause: cause ?? `it is ${status}` };
};

type Look = { readonly end: ExecutionEnd } | { readonly end: undefined; readonly state: PassedState | undefined };

const look = async (client: SFNClient, executionArn: string): Promise<Look> => {
  const end = await endOf(client, executionArn);
  return end === undefined ? { end, state: await newestState(client, executionArn) } : { end };
};

/** Its signal ends the watching and nothing else. */
export type WatchOptions = Patience & {
  /** Told of the newest state at each look. Answers true when enough was seen. */
  readonly onState: (state: PassedState) => boolean | Promise<boolean>;
};

/**
 * Watches an execution until it ends; undefined when the watching ended before. A look whose fault passes is tried again.
 * @throws SluiceError see `askAws`; the execution goes on
 */
export const watchExecution = async (
  stage: Stage,
  executionArn: string,
  { onState, ...patience }: WatchOptions,
): Promise<ExecutionEnd | undefined> => {
  const { signal, everyMs } = patience;
  for (;;) {
    const seen = await patiently(() => withClient(stage, (client) => look(client, executionArn)), patience);
    if (seen.end !== undefined) return seen.end;
    if (seen.state !== undefined && (await onState(seen.state))) return undefined;
    await sleep(everyMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return undefined;
  }
};
