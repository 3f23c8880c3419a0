import { randomUUID } from "node:crypto";
import { isRetriable, SluiceError } from "../../messaging/sluice-error.ts";
import type { AuditEntry } from "../audit/audit-entry.ts";
import { faultText } from "../audit/audited.ts";
import { writeAudit } from "../audit/write-audit.ts";
import { causeInWords } from "../cause-in-words.ts";
import { isRefusal } from "../refusals.ts";
import { toldFault } from "../replay-machine/machine-state.ts";
import { type DeadLetterRoute, requireOrigin } from "./dead-letter-route.ts";
import { holdingReadModel } from "./hold-read-model.ts";
import { type ReplayPorts, type ReplayProgress, type ReplayRequest, replayPages } from "./replay-dead-letters.ts";
import type { ReplayReport } from "./replay-report.ts";
import {
  type RepublishOrder as Order,
  progressOf,
  type RepublishState,
  rangeJson,
  readOrder,
} from "./republish-state.ts";

export type RepublishPorts = ReplayPorts & {
  readonly routes: readonly DeadLetterRoute[];
  /** The process. */
  readonly owner: string;
  /** Milliseconds after which a process that died has lost its lease. */
  readonly leaseMs: number;
};

export type RepublishEvent = {
  readonly action: "begin" | "page" | "give-up";
  readonly state: RepublishState;
};

const WAIT_SECONDS = 35; // longer than a dead run's claims and lease hold
const MOST_FAILURES = 5;

/** @throws SluiceError `unknown-topic`, `wrong-target` */
const routeOf = ({ routes }: RepublishPorts, { topic, target }: Order): DeadLetterRoute => {
  const route = routes.find(({ deadLetterTopic }) => deadLetterTopic === topic);
  if (route === undefined)
    throw new SluiceError("unknown-topic", `${topic} is no dead-letter topic`, {
      hint: `there are: ${routes.map(({ deadLetterTopic }) => deadLetterTopic).join(", ")}`,
    });
  requireOrigin(route, target);
  return route;
};

const audit = async (
  { db }: RepublishPorts,
  { actor, topic, target, filter, rate, max, execute }: Order,
  entry: Pick<AuditEntry, "run" | "outcome" | "after" | "fault">,
): Promise<void> => {
  if (!execute) return; // a dry run changes nothing
  const before = { target, filter, max, rate };
  await writeAudit(db, { actor, operation: "dlq replay", target: topic, before, ...entry });
};

const begin = async (ports: RepublishPorts, state: RepublishState): Promise<RepublishState> => {
  const run = randomUUID();
  try {
    const order = readOrder(state.order);
    routeOf(ports, order);
    await audit(ports, order, { run, outcome: "started" });
    return { ...state, status: "page", run, said: "begun", failures: 0 };
  } catch (fault) {
    if (!(fault instanceof SluiceError) || isRetriable(fault)) throw fault;
    return { ...state, status: "refused", error: toldFault(fault) };
  }
};

const sayProgress = ({ held, read, replayed }: ReplayReport): string =>
  `dlq replay: ${read} of ${held} read, ${replayed} replayed`;

type Sent = {
  readonly progress: ReplayProgress | undefined;
  readonly fault?: SluiceError;
};

/**
 * Pages until the signal, alone on the read model if it is one's; which stays so until the last page. After a fault it answers how far it came,
 * so that what was sent is counted once.
 */
const send = async (ports: RepublishPorts, order: Order, state: RepublishState, signal: AbortSignal): Promise<Sent> => {
  const { topic: deadLetterTopic, target, filter, rate, max, execute } = order;
  const route = routeOf(ports, order);
  const request = { route, target, filter, rate, max, execute, run: state.run as string };
  const goOn = progressOf(state, deadLetterTopic);
  let progress = goOn;
  const onPage: ReplayRequest["onPage"] = (report, left) => {
    progress = { report: { ...report }, left };
  };
  const work = async (lost?: AbortSignal): Promise<void> => {
    const until = lost === undefined ? signal : AbortSignal.any([signal, lost]);
    progress = await replayPages(ports, { ...request, signal: until, goOn, onPage });
  };
  const isToGoOn = () => progress === undefined || progress.left.length > 0;
  const { owner, leaseMs } = ports;
  try {
    if (!execute || route.projection === undefined) await work();
    else
      await holdingReadModel(
        ports.db,
        { projection: route.projection, deadLetterTopic, owner, leaseMs, isToGoOn },
        work,
      );
    return { progress };
  } catch (fault) {
    if (fault instanceof SluiceError) return { progress, fault };
    throw fault;
  }
};

/** What the state keeps of how far it came. */
const kept = (progress: ReplayProgress | undefined): Partial<RepublishState> =>
  progress === undefined
    ? {}
    : { report: progress.report, left: progress.left.map(rangeJson), said: sayProgress(progress.report) };

/** What may pass is tried again, some times; the ledger knows what was sent. */
const pageFailed = (state: RepublishState, fault: SluiceError): RepublishState => {
  const failures = (state.failures ?? 0) + 1;
  const mayPass = isRetriable(fault) || fault.code === "replay-running";
  const status = mayPass && failures < MOST_FAILURES ? "again" : "failed";
  return { ...state, status, failures, waitSeconds: WAIT_SECONDS, said: fault.message, error: toldFault(fault) };
};

const page = async (ports: RepublishPorts, before: RepublishState, signal: AbortSignal): Promise<RepublishState> => {
  const order = readOrder(before.order);
  const { progress, fault } = await send(ports, order, before, signal);
  const { error: _, ...rest } = before;
  const state = { ...rest, ...kept(progress) };
  if (fault !== undefined) return pageFailed(state, fault);
  if (progress === undefined || progress.left.length > 0) return { ...state, status: "page", failures: 0 };
  await audit(ports, order, { run: before.run as string, outcome: "done", after: progress.report });
  return { ...state, status: "done", failures: 0 };
};

/** Gives the read model back, unless somebody else is at work on it. */
const release = async ({ db, owner, leaseMs }: RepublishPorts, route: DeadLetterRoute): Promise<void> => {
  const { projection, deadLetterTopic } = route;
  if (projection === undefined) return;
  await holdingReadModel(db, { projection, deadLetterTopic, owner, leaseMs }, async () => {}).catch(() => {});
};

const giveUp = async (ports: RepublishPorts, state: RepublishState): Promise<RepublishState> => {
  const order = readOrder(state.order);
  const cause = new SluiceError("task-failed", causeInWords(state.fault?.Cause ?? "a task failed"));
  const error = state.error ?? toldFault(cause);
  const fault = new SluiceError(error.code, error.message);
  if (order.execute) await release(ports, routeOf(ports, order));
  const outcome = isRefusal(fault) ? "refused" : "failed";
  await audit(ports, order, { run: state.run as string, outcome, after: state.report, fault: faultText(fault) });
  return { ...state, status: "failed", error };
};

const actions: ReadonlySet<string> = new Set(["begin", "page", "give-up"]);

/** As in the replay machine: who invokes the function by hand may write anything. */
const requireTask = (event: Partial<RepublishEvent> | null): RepublishEvent => {
  const { action, state } = event ?? {};
  if (action !== undefined && actions.has(action) && state !== undefined) return { action, state };
  throw new SluiceError("usage", "the event is no task of the republish machine: {action, state: {order, …}}", {
    hint: "start the state machine, with {order}; it invokes this function",
  });
};

/**
 * The tasks of the machine that sends dead letters back in bounded pages, each within one invocation. What is dead-lettered after its
 * beginning is left for the next execution, so it ends though every record should fail again.
 * @throws SluiceError `usage` for what is no task, and faults that the machine retries
 */
export const createRepublish =
  (ports: RepublishPorts) =>
  async (event: RepublishEvent, signal: AbortSignal): Promise<RepublishState> => {
    const { action, state } = requireTask(event);
    if (action === "begin") return begin(ports, state);
    return action === "page" ? page(ports, state, signal) : giveUp(ports, state);
  };
