import { SluiceError } from "../../messaging/sluice-error.ts";
import type { Log } from "../../observability/logger.ts";
import type { Meter } from "../../observability/metrics.ts";
import type { Driver } from "./driver.ts";
import { faultInWords, type Kind, type MachineState, type Step, toldFault } from "./machine-state.ts";

/** A task of the state machine: what to do, and what went through the machine so far. */
export type TaskEvent = {
  readonly action: "begin" | "advance" | "put-back" | "follow" | "alarm";
  readonly state: MachineState;
};

export type MachinePorts = {
  readonly drivers: Readonly<Record<Kind, Driver>>;
  readonly log: Log;
  readonly meter: Meter;
};

const FIRST_WAIT_SECONDS = 2;
const LONGEST_WAIT_SECONDS = 60;
/** A day of looks; an execution's history holds 25,000 events, and a look is nine of them. */
const MOST_LOOKS = 1_500;
/** So often nothing read before the watching ends: a mapping that comes on takes a moment. */
const UNREAD_LOOKS = 5;
/** Some eight minutes of trying to put back what was found. */
const MOST_TRIES = 12;

/** Half an hour of waiting for another process, or for what a run waits for. */
const MOST_HELD = 40;

const watching: ReadonlySet<string | undefined> = new Set(["follow", "unread"]);

/** What the machine does not wait for any longer. */
const bounded = ({ status, ...step }: Step, looks: number, { mostAdvances }: Driver): Step => {
  if (status === "unread" && looks < UNREAD_LOOKS) return { ...step, status: "follow" };
  if (status === "follow" && looks >= MOST_LOOKS) return { ...step, status: "unread" };
  if (status === "held" && looks >= MOST_HELD) return { ...step, status: "failed" };
  const isStuck = status === "advance" && looks >= mostAdvances;
  if (status !== "unfinished" && !isStuck) return { ...step, status };
  return { ...step, status: looks >= MOST_TRIES + (isStuck ? mostAdvances : 0) ? "gave-up" : "unfinished" };
};

const waitSeconds = (looks: number): number =>
  Math.min(LONGEST_WAIT_SECONDS, Math.round(FIRST_WAIT_SECONDS * 1.5 ** Math.min(looks, 20)));

/** The alarm's metric: a reader of the log or of the metric has to look before readers of the read model do. */
const alarm = ({ log, meter }: MachinePorts, state: MachineState): void => {
  meter.count("MappingMayBeOff", 1);
  log.error("a mapping may be off", { run: state.run, fault: state.error?.message ?? faultInWords(state) });
};

const unfinished = (state: MachineState): MachineState => {
  if (state.error !== undefined) return state;
  const run = state.run ?? "";
  const fault = new SluiceError(
    "rewind-unfinished",
    `run ${run} stopped, and what was found was not put back: THE MAPPING MAY BE OFF: ${faultInWords(state) ?? "no reason is known"}`,
    { hint: `mend what hinders it, then \`sluice replay status ${run} --resume\`` },
  );
  return { ...state, error: toldFault(fault) };
};

const step = (driver: Driver, { action, state }: TaskEvent, handOver: AbortSignal): Promise<Step> => {
  if (action === "begin") return driver.begin(state.order);
  const run = state.run as string;
  if (action === "advance") return driver.advance(run, handOver);
  if (action === "put-back") return driver.putBack(run, faultInWords(state) ?? "a task failed", handOver);
  return driver.follow(run);
};

const actions: ReadonlySet<string> = new Set(["begin", "advance", "put-back", "follow", "alarm"]);

/** The machine writes its events itself; who invokes the function by hand may write anything. */
const requireTask = (event: Partial<TaskEvent> | null, { drivers }: MachinePorts): TaskEvent => {
  const { action, state } = event ?? {};
  if (action !== undefined && actions.has(action) && state !== undefined && Object.hasOwn(drivers, state.kind))
    return { action, state };
  throw new SluiceError("usage", "the event is no task of the replay machine: {action, state: {kind, order, …}}", {
    hint: "start the state machine, with {kind, order}; it invokes this function",
  });
};

/**
 * The tasks of the replay machine, whatever it drives: one step of its driver each, and the machine's next state. What may be expected is
 * answered, for the machine's choices; what is thrown is a fault of the task, which the machine retries and catches.
 * @throws SluiceError `usage` for what is no task, and what a driver throws
 */
export const createReplayMachine =
  (ports: MachinePorts) =>
  async (event: TaskEvent, handOver: AbortSignal): Promise<MachineState> => {
    const { action, state } = requireTask(event, ports);
    if (action === "alarm") {
      alarm(ports, state);
      return unfinished(state);
    }
    const driver = ports.drivers[state.kind];
    const { looks = 0, status: before, error: _error, ...rest } = state;
    const next = await step(driver, { action, state }, handOver);
    const sameLooks = before !== undefined && watching.has(next.status) === watching.has(before) ? looks + 1 : 0;
    const now = { ...rest, ...bounded(next, sameLooks, driver), looks: sameLooks, waitSeconds: waitSeconds(sameLooks) };
    if (now.status === "unfinished") alarm(ports, now);
    return now;
  };
