import * as z from "zod";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { advanceRebuild } from "../rebuild/advance-rebuild.ts";
import { beginCourse } from "../rebuild/begin-course.ts";
import type { RebuildParts } from "../rebuild/rebuild-parts.ts";
import { operationOf, type RebuildRun, stateOf } from "../rebuild/rebuild-run.ts";
import { startRebuild } from "../rebuild/start-rebuild.ts";
import type { Driver } from "./driver.ts";
import { type Step, toldFault } from "./machine-state.ts";

const orderSchema = z.strictObject({
  actor: z.string().min(1),
  reason: z.string().optional(),
  course: z.enum(["build", "swap", "rollback", "retire", "abort"]),
});

const readOrder = (given: unknown): z.infer<typeof orderSchema> => {
  const parsed = orderSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new SluiceError("usage", `the order is none: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`);
};

const begin = (parts: RebuildParts, given: unknown): Promise<RebuildRun> => {
  const { course, ...operator } = readOrder(given);
  return course === "build" ? startRebuild(parts, operator) : beginCourse(parts, course, operator);
};

const goOn = ({ course }: Pick<RebuildRun, "course">): string =>
  `\`sluice ${operationOf[course]} --execute\` goes on with it`;

/** How a run stands that nothing went wrong with. */
const stepOf = (run: RebuildRun): Step => {
  const { id, step, done, total, note } = run;
  if (step === undefined) return { run: id, status: "done", said: `it is ${stateOf(run)}` };
  if (note === undefined) return { run: id, status: "advance", said: `${step}: ${done} of ${total} rows` };
  const waits = new SluiceError("rebuild-waits", note, { hint: goOn(run) });
  return { run: id, status: "held", said: note, error: toldFault(waits) };
};

const heldElsewhere = new Set(["lease-held", "lease-lost"]);

/** A rebuild harms no reader while it stands still: what fails stays where it was, and the same order again goes on. */
export const rebuildDriver = (parts: RebuildParts): Driver => ({
  mostAdvances: Number.POSITIVE_INFINITY, // as many as there are rows
  begin: async (order) => {
    try {
      return stepOf(await begin(parts, order));
    } catch (fault) {
      if (!(fault instanceof SluiceError)) throw fault;
      return { run: "", status: "refused", said: fault.message, error: toldFault(fault) };
    }
  },
  advance: async (id, handOver) => {
    try {
      return stepOf(await advanceRebuild(parts, { id, signal: handOver }));
    } catch (fault) {
      if (!(fault instanceof SluiceError)) throw fault;
      const status = heldElsewhere.has(fault.code) ? "held" : "failed";
      return { run: id, status, said: fault.message, error: toldFault(fault) };
    }
  },
  putBack: async (id, why) => {
    const hint = "the same command once more goes on with it; `sluice rebuild status` shows where it is";
    const fault = new SluiceError("task-failed", `rebuild ${id} stopped: ${why}`, { hint });
    return { run: id, status: "failed", said: fault.message, error: toldFault(fault) };
  },
  follow: async (id) => ({ run: id, status: "done", said: "nothing of it is followed" }),
});
