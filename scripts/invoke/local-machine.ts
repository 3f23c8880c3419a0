import { readFileSync } from "node:fs";
import { join } from "node:path";
import { StateMachine, type StateMachineDefinition } from "aws-local-stepfunctions";
import type { FunctionPool } from "../host/process/function-pool.ts";
import { repository } from "../package/function-folders.ts";
import type { ExecutionResult } from "./execution-result.ts";
import type { StepTeller } from "./steps.ts";

export type LocalMachineOptions = {
  /** The definition, relative to the repository. */
  readonly file: string;
  /** The function of its tasks. */
  readonly pool: Pick<FunctionPool, "invoke">;
  readonly input: unknown;
  readonly signal: AbortSignal;
  readonly onStep: StepTeller;
};

type Json = Parameters<StateMachine["run"]>[0];

/** As Step Functions tells a fault of Lambda's: the type as the error, all of it as the cause. */
const faultOf = (error: { readonly errorType: string; readonly errorMessage: string }): Error => {
  const { errorType, errorMessage } = error;
  return Object.assign(new Error(JSON.stringify({ errorType, errorMessage })), { name: errorType });
};

/** Runs a state machine in this process, each task by the function's own. Undefined when it was told to stop. */
export const runLocalMachine = async (options: LocalMachineOptions): Promise<ExecutionResult | undefined> => {
  const { file, pool, input, signal, onStep } = options;
  const definition: StateMachineDefinition = JSON.parse(readFileSync(join(repository, file), "utf8"));
  const tasks = Object.entries(definition.States).filter(([, { Type }]) => Type === "Task");
  const task = (state: string) => async (parameters: { readonly Payload: unknown }) => {
    const result = await pool.invoke(JSON.stringify(parameters.Payload));
    if (result.ok) return { Payload: JSON.parse(result.payload) };
    const { errorType: error, errorMessage: cause } = result.error;
    onStep({ kind: "failed", state, at: Date.now(), error, cause });
    throw faultOf(result.error);
  };
  const handlers = Object.fromEntries(tasks.map(([name]) => [name, task(name)]));
  const running = new StateMachine(definition).run(input as Json, {
    overrides: { taskResourceLocalHandlers: handlers as never },
  });
  running.result.catch(() => {}); // read below
  signal.addEventListener("abort", () => running.abort());
  for await (const event of running.eventLogs)
    if (event.type === "StateEntered" && event.state.type !== "Choice")
      onStep({ kind: "entered", state: event.state.name, at: event.timestamp });
  if (signal.aborted) return undefined;
  try {
    return { kind: "succeeded", output: JSON.stringify(await running.result) };
  } catch (fault) {
    const { name, message } = ((fault as Error).cause ?? fault) as Error;
    return { kind: "failed", error: name, cause: message };
  }
};
