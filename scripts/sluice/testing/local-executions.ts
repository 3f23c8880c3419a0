import { readFileSync } from "node:fs";
import { StateMachine, type StateMachineDefinition } from "aws-local-stepfunctions";

/** What stands in for Lambda: a task's payload, and the answer. A fault is thrown with its error type as its name. */
export type TaskRunner = (payload: unknown, state: string) => Promise<unknown>;

export type Execution = {
  status: "RUNNING" | "SUCCEEDED" | "FAILED";
  output?: unknown;
  error?: string;
  cause?: string;
  /** Every state that was left, in order, with what it answered. */
  readonly left: { readonly name: string; readonly type: string; readonly output: unknown }[];
  /** Every state that was entered, in order. */
  readonly entered: string[];
  /** Resolves when it is over, however it ended. */
  readonly over: Promise<void>;
};

type Json = Parameters<StateMachine["run"]>[0];
type Named = { readonly name: string; readonly message: string };

/** The machine of a file, run by the engine for laptops: waits and the pauses between retries are short. */
export const localMachine = (file: string, run: TaskRunner) => {
  const definition: StateMachineDefinition = JSON.parse(readFileSync(file, "utf8"));
  const states = Object.entries(definition.States);
  const named = (type: string) => states.filter(([, state]) => state.Type === type).map(([name]) => name);
  const ofEach = <Value>(names: readonly string[], value: (name: string) => Value) =>
    Object.fromEntries(names.map((name) => [name, value(name)]));
  const machine = new StateMachine(definition);
  const task = (name: string) => async (input: unknown) => {
    const { Payload } = input as { readonly Payload: unknown };
    const answer = await run(Payload, name).catch((fault: Error) => {
      const { name: errorType, message: errorMessage } = fault;
      // as on AWS
      throw Object.assign(new Error(JSON.stringify({ errorType, errorMessage })), { name: errorType });
    });
    return { Payload: JSON.parse(JSON.stringify(answer ?? null)) };
  };
  const overrides = {
    taskResourceLocalHandlers: ofEach(named("Task"), task) as never,
    waitTimeOverrides: ofEach(named("Wait"), () => 20),
    retryIntervalOverrides: ofEach(named("Task"), () => 1),
  };

  const observe = async (execution: Execution, input: unknown): Promise<void> => {
    const running = machine.run(input as Json, { overrides });
    running.result.catch(() => {}); // read below
    for await (const event of running.eventLogs) {
      if (event.type === "StateEntered") execution.entered.push(event.state.name);
      if (event.type === "StateExited")
        execution.left.push({ name: event.state.name, type: event.state.type, output: event.state.output });
    }
    try {
      execution.output = await running.result;
      execution.status = "SUCCEEDED";
    } catch (fault) {
      const { name, message } = (fault as Error).cause as Named;
      Object.assign(execution, { status: "FAILED", error: name, cause: message });
    }
  };

  return {
    states: states.map(([name]) => name),
    start: (input: unknown): Execution => {
      const execution: Omit<Execution, "over"> = { status: "RUNNING", left: [], entered: [] };
      return Object.assign(execution, { over: observe(execution as Execution, input) });
    },
  };
};

export type LocalMachine = ReturnType<typeof localMachine>;
