import { setTimeout as sleep } from "node:timers/promises";
import type { HistoryEvent, SFNClient } from "@aws-sdk/client-sfn";
import { askAws } from "../sluice/stage/ask-aws.ts";
import type { Stage } from "../sluice/stage/find-stage.ts";
import type { ExecutionResult } from "./execution-result.ts";
import type { Step, StepTeller } from "./steps.ts";

type Failure = { readonly error?: string | undefined; readonly cause?: string | undefined };

/** What a task failed with, whichever way it did. */
const failureOf = (event: HistoryEvent): Failure | undefined =>
  event.taskFailedEventDetails ??
  event.lambdaFunctionFailedEventDetails ??
  event.taskTimedOutEventDetails ??
  event.lambdaFunctionTimedOutEventDetails ??
  event.taskSubmitFailedEventDetails;

/** Steps of a history from an event on. A choice is no step: what it chose is. */
const createHistory = () => {
  let last = 0;
  let state = "";
  return (events: readonly HistoryEvent[]): readonly Step[] =>
    events.flatMap((event): readonly Step[] => {
      const { id = 0, timestamp, type = "" } = event;
      if (id <= last) return [];
      last = id;
      const at = timestamp?.getTime() ?? Date.now();
      const entered = event.stateEnteredEventDetails?.name;
      if (entered !== undefined) {
        state = entered;
        return type === "ChoiceStateEntered" ? [] : [{ kind: "entered", state, at }];
      }
      const failure = failureOf(event);
      if (failure === undefined) return [];
      return [{ kind: "failed", state, at, error: failure.error ?? type, cause: failure.cause ?? "" }];
    });
};

/** All that has happened since the page that was read last. */
const readHistory = (client: SFNClient, executionArn: string) => {
  let page: string | undefined;
  return async (): Promise<readonly HistoryEvent[]> => {
    const { GetExecutionHistoryCommand } = await import("@aws-sdk/client-sfn");
    const found: HistoryEvent[] = [];
    for (;;) {
      const asked = { executionArn, maxResults: 1000, includeExecutionData: false, ...(page && { nextToken: page }) };
      const { events = [], nextToken } = await client.send(new GetExecutionHistoryCommand(asked));
      found.push(...events);
      if (nextToken === undefined) return found;
      page = nextToken;
    }
  };
};

const resultOf = async (client: SFNClient, executionArn: string): Promise<ExecutionResult | undefined> => {
  const { DescribeExecutionCommand } = await import("@aws-sdk/client-sfn");
  const { status, output, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
  if (status === "RUNNING" || status === "PENDING_REDRIVE") return undefined;
  if (status === "SUCCEEDED") return { kind: "succeeded", output: output ?? "null" };
  return { kind: "failed", error: error ?? `it is ${status}`, cause: cause ?? "" };
};

export type WatchStepsOptions = {
  readonly stage: Stage;
  readonly executionArn: string;
  readonly everyMs: number;
  /** Ends the watching and nothing else. */
  readonly signal: AbortSignal;
  readonly onStep: StepTeller;
};

/** Tells of every step of an execution until it ends; undefined when the watching ended before. */
export const watchSteps = async (options: WatchStepsOptions): Promise<ExecutionResult | undefined> => {
  const { stage, executionArn, everyMs, signal, onStep } = options;
  const { SFNClient } = await import("@aws-sdk/client-sfn");
  const client = new SFNClient({});
  const [read, toSteps] = [readHistory(client, executionArn), createHistory()];
  try {
    for (;;) {
      const result = await askAws(stage.name, () => resultOf(client, executionArn)); // first, so that no step after it is missed
      for (const step of toSteps(await askAws(stage.name, read))) onStep(step);
      if (result !== undefined) return result;
      await sleep(everyMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return undefined;
    }
  } finally {
    client.destroy();
  }
};
