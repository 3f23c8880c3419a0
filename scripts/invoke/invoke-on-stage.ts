import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { causeInWords } from "../../shared/operations/cause-in-words.ts";
import { type FunctionSpec, selectFunctions } from "../host/functions.ts";
import { httpRequest } from "../host/invoke/http-request.ts";
import { readPayload } from "../host/invoke/read-payload.ts";
import { logLines } from "../host/log-lines.ts";
import { createMetricsStore, foldingMetrics } from "../host/metrics-store.ts";
import { findStage, type Stage } from "../sluice/stage/find-stage.ts";
import { callFunction } from "../sluice/stage/invoke-function.ts";
import { startExecution } from "../sluice/stage/run-execution.ts";
import { requirePayload } from "./require-payload.ts";
import { stepLines } from "./steps.ts";
import { tailLines } from "./tail-lines.ts";
import { type InvokeTarget, targetOf } from "./target.ts";
import { watchSteps } from "./watch-steps.ts";

export type StageInvokeOptions = {
  readonly name: string;
  readonly stage: string;
  readonly payload?: string | undefined;
  readonly json?: boolean | undefined;
  /** Where log lines and steps go; standard error unless said. */
  readonly write?: (text: string) => void;
};

type Invocation = Required<Pick<StageInvokeOptions, "write">> & {
  readonly stage: Stage;
  readonly name: string;
  readonly payload: string;
  readonly json: boolean;
};

const EVERY_MS = 500;

/** What a function is sent when nobody says what: as the host's. A consumer has nothing to consume but what its mapping brings. */
const usualPayload = (name: string): string => {
  const [{ trigger }] = selectFunctions([name]) as readonly [FunctionSpec];
  if (trigger.kind === "http") return httpRequest(trigger.onceTarget);
  if (trigger.kind !== "kafka") return JSON.stringify(trigger.onceInput);
  throw new SluiceError(
    "usage",
    `${name} of a stage is invoked by its mapping: without --payload there is nothing to give it`,
    {
      hint: "`npx sluice groups describe --stage …` tells how far its group is",
    },
  );
};

const invokeFunction = async ({ stage, name, payload, json, write }: Invocation): Promise<string> => {
  const { payload: answer, log, fault } = await callFunction(stage, name, payload);
  const lines = logLines({ write, colour: process.stderr.isTTY === true, json, width: name.length });
  const sink = foldingMetrics(createMetricsStore(), lines, json);
  for (const line of tailLines(log)) sink(name, line);
  if (fault === undefined) return answer === "" ? "null" : answer;
  throw new SluiceError("invocation-failed", `${name} of stage ${stage.name} failed: ${fault}`, {
    hint: "above are the last 4 KB of its log; its log group in CloudWatch has all of it",
  });
};

type Machine = "replay" | "dlq-republish";

const runMachine = async ({ stage, name, payload, json, write }: Invocation): Promise<string> => {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once("SIGINT", interrupt);
  try {
    const startedAt = Date.now();
    const executionArn = await startExecution(stage, name as Machine, JSON.parse(payload));
    if (!json) write(`execution ${executionArn}\n`);
    const onStep = stepLines(write, startedAt, json);
    const watching = { stage, executionArn, everyMs: EVERY_MS, signal: interrupted.signal, onStep };
    const result = await watchSteps(watching);
    if (result === undefined)
      throw new SluiceError("interrupted", `the watching has ended, and the execution goes on`, {
        hint: `aws stepfunctions describe-execution --execution-arn ${executionArn}`,
      });
    if (result.kind === "succeeded") return result.output;
    throw new SluiceError(
      "execution-failed",
      `${name} of stage ${stage.name} failed: ${result.error}: ${causeInWords(result.cause)}`,
    );
  } finally {
    process.off("SIGINT", interrupt);
  }
};

const payloadFor = (target: InvokeTarget, given: string | undefined): string => {
  selectFunctions([target.name]); // a wrong name is told before a wrong payload
  if (given !== undefined) return readPayload(given);
  return target.kind === "function" ? usualPayload(target.name) : requirePayload(target.name);
};

/**
 * Invokes a function of a deployed stage, or runs a state machine of it to its end, with log lines or steps as they come.
 * @returns the answer or the output as one line of JSON
 * @throws SluiceError `usage`, `bad-payload`, `invocation-failed`, `execution-failed`, `interrupted`; see `findStage`
 */
export const invokeOnStage = async (options: StageInvokeOptions): Promise<string> => {
  const { json = false, write = (text: string) => void process.stderr.write(text) } = options;
  const target = targetOf(options.name);
  const payload = payloadFor(target, options.payload);
  const stage = await findStage(options.stage);
  const invocation = { stage, name: target.name, payload, json, write };
  return target.kind === "machine" ? runMachine(invocation) : invokeFunction(invocation);
};
