import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { emulatorClients } from "../../emulator/aws-clients.ts";
import { role } from "../../emulator/deploy-functions.ts";
import { startLocalstack } from "../../emulator/start-localstack.ts";
import { freePort } from "../../stack/ports.ts";
import type { Execution, TaskRunner } from "./local-executions.ts";
import { startStageEndpoint } from "./stage-endpoint.ts";

type State = {
  readonly Type: string;
  readonly Parameters?: { readonly Payload?: { readonly action?: string } };
  readonly Retry?: readonly object[];
};
type Definition = { readonly States: Readonly<Record<string, State>> };

/**
 * The file with pauses as short as they can be, and at most two tries more: a test cannot wait for
 * those of the file, which add up to minutes. All else is the file's. The emulator tier runs the
 * file as it is.
 */
const withShortPauses = (definition: Definition): Definition => {
  const shorter = (state: State): State => {
    if (state.Type === "Wait") {
      const { SecondsPath: _path, ...rest } = state as State & { readonly SecondsPath?: string };
      return { ...rest, Seconds: 0 } as State;
    }
    if (state.Retry === undefined) return state;
    const short = { IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 1 };
    return { ...state, Retry: state.Retry.map((each) => ({ ...each, ...short })) };
  };
  const states = Object.entries(definition.States).map(([name, state]) => [name, shorter(state)] as const);
  return { ...definition, States: Object.fromEntries(states) };
};

/** What a state was entered or left with. */
const seenIn = (events: readonly HistoryEvent[]): Pick<Execution, "entered" | "left"> => ({
  entered: events.flatMap(({ stateEnteredEventDetails: entered }) => (entered?.name ? [entered.name] : [])),
  left: events.flatMap(({ type = "", stateExitedEventDetails: exited }) =>
    exited?.name
      ? [{ name: exited.name, type: type.replace("StateExited", ""), output: JSON.parse(exited.output ?? "null") }]
      : [],
  ),
});

type Machine = { readonly definition: Definition; readonly run: TaskRunner };

/**
 * A task's invocation, as the interpreter asks for it: its state is the one that sends this action.
 */
const invoke = async ({ definition, run }: Machine, payload: string) => {
  const task = JSON.parse(payload);
  const isSent = ([, { Parameters }]: readonly [string, State]) => Parameters?.Payload?.action === task.action;
  const [state = ""] = Object.entries(definition.States).find(isSent) ?? [];
  try {
    return { ok: true, payload: JSON.stringify((await run(task, state)) ?? null) } as const;
  } catch (fault) {
    const { name: errorType, message: errorMessage } = fault as Error;
    return { ok: false, reason: "function", error: { errorType, errorMessage } } as const;
  }
};

/**
 * Starts LocalStack, whose interpreter of Step Functions runs machines with tasks that the test
 * gives.
 */
export const openLocalstackMachines = async (python: string, stack: string) => {
  const machines = new Map<string, Machine>();
  const functionOf = (name: string) => {
    const machine = machines.get(name);
    return machine && { invoke: (payload: string) => invoke(machine, payload) };
  };
  const lambda = await startStageEndpoint({ parameters: {}, machines: {}, functionOf });
  const port = await freePort();
  const localstack = await startLocalstack({ python, stack, port, lambdaEndpoint: lambda.url });
  const { stepFunctions } = emulatorClients(localstack.endpoint);

  const observe = async (execution: Execution, stateMachineArn: string, input: unknown): Promise<void> => {
    const started = await stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
    );
    const { executionArn } = started;
    for (;;) {
      const { status, output, error, cause } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
      const { events = [] } = await stepFunctions.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }),
      );
      const { entered, left } = seenIn(events);
      execution.entered.splice(0, execution.entered.length, ...entered);
      execution.left.splice(0, execution.left.length, ...left);
      if (status !== "RUNNING") {
        const ended = { status, output: output === undefined ? undefined : JSON.parse(output), error, cause };
        return void Object.assign(execution, ended);
      }
      await sleep(50);
    }
  };

  return {
    /** The machine of a file, whose functions are those of the runner. */
    machine: async (name: string, file: string, run: TaskRunner) => {
      const text = readFileSync(file, "utf8").replaceAll(/\$\{\w+FunctionArn\}/g, name);
      const definition = withShortPauses(JSON.parse(text));
      machines.set(name, { definition, run });
      const about = { name, definition: JSON.stringify(definition), roleArn: role };
      const { stateMachineArn = "" } = await stepFunctions.send(new CreateStateMachineCommand(about));
      return {
        states: Object.keys(definition.States),
        start: (input: unknown): Execution => {
          const execution: Omit<Execution, "over"> = { status: "RUNNING", left: [], entered: [] };
          return Object.assign(execution, { over: observe(execution as Execution, stateMachineArn, input) });
        },
      };
    },
    stop: async () => {
      stepFunctions.destroy();
      await localstack.stop();
      await lambda.stop();
    },
  };
};
