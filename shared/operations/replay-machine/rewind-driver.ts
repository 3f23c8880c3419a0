import * as z from "zod";
import { isRetriable, SluiceError } from "../../messaging/sluice-error.ts";
import { advanceRun } from "../rewind/advance-run.ts";
import { isSettled, restoredFault } from "../rewind/apply-run.ts";
import { beginAgain, beginRun } from "../rewind/begin-run.ts";
import { findRun } from "../rewind/find-run.ts";
import { sightRun } from "../rewind/follow-run.ts";
import { rewindRequestSchema } from "../rewind/request-schema.ts";
import type { RewindParts } from "../rewind/rewind-parts.ts";
import type { RewindRun } from "../rewind/rewind-run.ts";
import { toUndo } from "../rewind/undo-run.ts";
import type { Driver } from "./driver.ts";
import { type Step, toldFault } from "./machine-state.ts";

const words = z.string().min(1);
const about = { actor: words, operation: words, reason: z.string().optional(), planHash: z.string().optional() };

/** A rewind, its undoing, or the taking up of one that was left. */
const orderSchema = z.union([
  z.strictObject({ ...about, request: rewindRequestSchema }),
  z.strictObject({ ...about, undo: words }),
  z.strictObject({ actor: words, resume: words }),
]);

const readOrder = (given: unknown): z.infer<typeof orderSchema> => {
  const parsed = orderSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new SluiceError("usage", `the order is none: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`);
};

const begin = async (parts: RewindParts, given: unknown): Promise<RewindRun> => {
  const order = readOrder(given);
  if ("resume" in order) return beginAgain(parts, { id: order.resume, actor: order.actor });
  if ("request" in order) return beginRun(parts, order);
  const { undo: id, ...rest } = order;
  return beginRun(parts, await toUndo(parts, { id, ...rest }));
};

const ended: Readonly<Record<string, string>> = {
  done: "done: equal versions are duplicates again",
  superseded: "it was undone before the group had caught up",
};

/** How a run stands that nothing went wrong with. */
const stepOf = (run: RewindRun): Step => {
  const { id, outcome, step, course, fault } = run;
  if (outcome === "restored")
    return { run: id, status: "restored", said: "what was found is back", error: toldFault(restoredFault(run)) };
  if (outcome !== undefined) return { run: id, status: "done", said: ended[outcome] as string };
  if (step === "follow") return { run: id, status: "follow", said: "the group reads again" };
  return {
    run: id,
    status: "advance",
    said: `${course === "back" ? `putting back after ${fault}, ` : ""}before ${step}`,
  };
};

const heldElsewhere = new Set(["lease-held", "lease-lost"]);

/** What came of going on with a run, told as data where it is a fault of the run, and not of this task. */
const told = async (parts: RewindParts, id: string, work: () => Promise<RewindRun>): Promise<Step> => {
  try {
    return stepOf(await work());
  } catch (fault) {
    if (!(fault instanceof SluiceError)) throw fault;
    const error = toldFault(fault);
    if (fault.code === "rewind-unfinished") return { run: id, status: "unfinished", said: fault.message, error };
    if (heldElsewhere.has(fault.code)) return { run: id, status: "held", said: fault.message, error };
    const run = await findRun(parts.db, id);
    if (run.outcome === "restored") return { run: id, status: "restored", said: "what was found is back", error };
    throw fault;
  }
};

/** Of the whole rewind: a call is short, and a mapping that takes longer to be Disabled than this will not be. */
const stillToDisable = (parts: RewindParts, { startedAt }: RewindRun): RewindParts => {
  const left = startedAt.getTime() + parts.disableMs - parts.clock();
  return { ...parts, disableMs: Math.max(1_000, left) };
};

/** Rewinds, step by step, by the same core as the tool's own process. */
export const rewindDriver = (parts: RewindParts): Driver => ({
  mostAdvances: 10, // three invocations wait for a mapping that takes its 14 minutes
  begin: async (order) => {
    try {
      return stepOf(await begin(parts, order));
    } catch (fault) {
      if (!(fault instanceof SluiceError)) throw fault;
      const error = toldFault(fault);
      const said = isRetriable(fault) ? "it could not be begun" : "refused";
      return { run: "", status: "refused", said, error };
    }
  },
  advance: (id, handOver) =>
    told(parts, id, async () => {
      const run = await findRun(parts.db, id);
      return advanceRun(run.course === "back" ? parts : stillToDisable(parts, run), { id, handOver });
    }),
  putBack: (id, why, handOver) =>
    told(parts, id, () => advanceRun(parts, { id, handOver, giveUp: new SluiceError("task-failed", why) })),
  follow: async (id) => {
    const { run, left, isRead } = await sightRun(parts, id);
    if (run.outcome !== undefined || !isSettled(run)) return stepOf(run);
    return { run: id, status: isRead ? "follow" : "unread", said: `${left} messages to read again` };
  },
});
