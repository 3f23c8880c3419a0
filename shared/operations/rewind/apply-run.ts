import { rewindable } from "../../messaging/consumer-groups.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { faultText } from "../audit/audited.ts";
import { keepingLease } from "../read-model-lease/keep-lease.ts";
import type { ReadModelLease } from "../read-model-lease/lease.ts";
import { renewLease } from "../read-model-lease/renew-lease.ts";
import type { RewindParts, StepContext } from "./rewind-parts.ts";
import { planHash } from "./rewind-plan.ts";
import { mayHaveCommitted, nextStep, type RewindRun } from "./rewind-run.ts";
import { performStep } from "./rewind-steps.ts";
import { type RunChanges, updateRun } from "./update-run.ts";

/** What has to be done is done: the group reads, or the run is over. */
export const isSettled = ({ step, outcome }: RewindRun): boolean => outcome !== undefined || step === "follow";

/** Does the next step and writes that it is done. */
const advance = async (context: StepContext, run: RewindRun): Promise<RewindRun> => {
  const { db, lease, passing, signal } = context;
  if (run.step === "follow") return run;
  if (run.step !== "restore-mapping") signal.throwIfAborted();
  passing?.(`${run.course}: before ${run.step}`);
  const { changes, beside } = await performStep[run.step](context, run);
  passing?.(`${run.course}: after ${run.step}`);
  const written: RunChanges = { step: nextStep(run.course, run.step), ...changes };
  return db.transaction(async (tx) => {
    const updated = await updateRun(tx, lease, written);
    await beside?.(tx);
    return updated;
  });
};

/** From here on what was found is put back. */
export const turnBack = (
  { db, lease }: Pick<StepContext, "db" | "lease">,
  { step }: RewindRun,
  fault: unknown,
): Promise<RewindRun> =>
  updateRun(db, lease, {
    course: "back",
    step: mayHaveCommitted(step) ? "disable-mapping" : "restore-mapping",
    fault: faultText(fault),
  });

const isLost = (fault: unknown): boolean => fault instanceof SluiceError && fault.code === "lease-lost";

/** The process could not end what it began. Says so, loudly, as a mapping may be off. */
const unfinished = (run: RewindRun, functionName: string, cause: unknown): SluiceError => {
  const mapping =
    run.mappingFound === "Enabled" ? `THE MAPPING OF ${functionName} MAY BE OFF` : "the mapping is as it was found";
  return new SluiceError(
    "rewind-unfinished",
    `rewind ${run.id} stopped before ${run.step}; ${mapping}: ${faultText(cause)}`,
    {
      cause,
      hint: `mend what hinders it, then \`sluice replay status ${run.id} --resume\``,
    },
  );
};

/** What another process had failed with, as the row tells it. */
const faultOf = ({ fault = "it had failed" }: RewindRun): SluiceError => {
  const [, code = "rewind-restored", message = fault] = /^([a-z-]+): (.*)$/s.exec(fault) ?? [];
  return new SluiceError(code, message);
};

/** How a run is told that failed, of which nothing is left. */
export const restoredFault = (run: RewindRun): SluiceError => restored(faultOf(run));

const restored = (fault: unknown): SluiceError => {
  const message = `${fault instanceof Error ? fault.message : String(fault)}; offsets and mapping are as they were found`;
  if (!(fault instanceof SluiceError)) return new SluiceError("rewind-restored", message, { cause: fault });
  const { code, canRetry, hint } = fault;
  return new SluiceError(code, message, { canRetry, cause: fault, ...(hint === undefined ? {} : { hint }) });
};

/** On the way back only the end of the process's own time ends a step, no Ctrl-C. */
const surroundings = (context: StepContext, { course }: RewindRun): StepContext =>
  course === "back" ? { ...context, signal: context.handOver } : context;

/** All steps up to the watching; after a fault, back. Whatever step the end of the time cuts short is done again by who comes next. */
const run = async (context: StepContext, from: RewindRun): Promise<RewindRun> => {
  let [at, why] = [from, undefined as unknown];
  while (!isSettled(at) && !context.handOver.aborted)
    try {
      at = await advance(surroundings(context, at), at);
    } catch (fault) {
      if (isLost(fault)) throw fault;
      if (context.handOver.aborted) return at;
      if (at.course === "back" || at.step === "restore-mapping")
        throw unfinished(at, context.group.functionName, fault);
      context.log(`${faultText(fault)}: putting back what was found`);
      why = fault;
      at = await turnBack(context, at, fault).catch((second) => {
        throw isLost(second) ? second : unfinished(at, context.group.functionName, second);
      });
    }
  if (at.outcome === "restored") throw restored(why ?? faultOf(at));
  return at;
};

/**
 * Where a run is taken up that another process has left: with the mapping, which may have come on since. Nothing is lost by doing
 * a step once more.
 */
const takenUp = ({ db, lease }: StepContext, { course, step }: RewindRun): Promise<RewindRun> =>
  updateRun(db, lease, {
    ...((course === "forward" && !["note-mapping", "restore-mapping", "follow", "finish"].includes(step)) ||
    (course === "back" && step === "return-offsets")
      ? { step: "disable-mapping" }
      : {}),
  });

export type Application = {
  readonly run: RewindRun;
  readonly lease: ReadModelLease;
  /** Turns a run round that has not set its offsets yet. */
  readonly signal: AbortSignal;
  /** The process's time is over: the run stops where it is, unchanged, for another process to take up. Never, unless said. */
  readonly handOver?: AbortSignal;
};

/**
 * Applies a run whose lease this process has, from wherever it is: until the group reads again, or all is as it was found.
 * It is refused by itself if the group may not be rewound, whatever the row says.
 * @throws SluiceError `unknown-group`, `not-rewindable`; what a step failed with, all being put back; `rewind-unfinished`, when it
 *   could not be; `lease-lost`
 */
export const applyRun = async (
  parts: RewindParts,
  { run: found, lease, signal, handOver = new AbortController().signal }: Application,
): Promise<RewindRun> => {
  const group = rewindable(parts.registry, found.groupId);
  if (planHash(group, found.targets) !== found.planHash)
    throw new SluiceError(
      "plan-changed",
      `what is registered for ${group.groupId} is not what rewind ${found.id} was planned for`,
      {
        hint: "apply it with the version of the system that planned it",
      },
    );
  try {
    return await keepingLease(parts.db, { lease, leaseMs: parts.leaseMs }, async (lost) => {
      const context = { ...parts, group, lease, handOver, signal: AbortSignal.any([signal, lost, handOver]) };
      return run(context, await takenUp(context, found));
    });
  } finally {
    await renewLease(parts.db, lease, 0).catch(() => {}); // over, or another's to take up: nobody has to wait
  }
};
