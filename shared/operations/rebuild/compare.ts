import { SluiceError } from "../../messaging/sluice-error.ts";
import { refreshIndex } from "../../search/index-upkeep.ts";
import { type Comparison, compareReadModels } from "../parity/compare-read-models.ts";
import type { Difference } from "../parity/difference.ts";
import { lookAgain } from "../parity/look-again.ts";
import { madeTargets } from "./load.ts";
import type { Perform, StepContext, StepResult } from "./rebuild-parts.ts";
import type { RebuildRun } from "./rebuild-run.ts";

const NOTE_MS = 250;

const differ = ({ id, target, what }: Difference, count: string): SluiceError =>
  new SluiceError(
    "read-models-differ",
    `the new read models differ from the write model in ${count} places, and are not swapped in: first ${id} in ${target}, ${what}`,
    {
      hint: "`sluice rebuild status` lists them; `sluice projection repair ID` writes one anew, then the same command compares again",
    },
  );

/** Looked at once more at the end: what was late may have come. */
const stillDiffering = (context: StepContext, run: RebuildRun, differences: readonly Difference[]) => {
  const ids = [...new Set(differences.map(({ id }) => id))];
  return lookAgain(context, madeTargets(run.made), ids, { limitMs: context.parityMs, signal: context.lost });
};

const compareFrom = (context: StepContext, { made }: RebuildRun, from: Comparison) => {
  const { clock, isOver, lost, parityMs: limitMs, pageSize, compareLimits: limits } = context;
  let notedAt = clock();
  return compareReadModels(context, madeTargets(made), from, {
    ...{ pageSize, limitMs, signal: lost, isOver, limits },
    onPage: async ({ position, compared, differences }) => {
      if (clock() - notedAt < NOTE_MS) return;
      notedAt = clock();
      await context.note({ position, done: compared, differences });
    },
  });
};

/**
 * Every row of both new targets. A difference that stays stops it, and is noted; the next call begins again. When there were too many
 * to go on, and all were only late, it goes on where it stopped.
 */
const compareAll = async (context: StepContext, run: RebuildRun): Promise<StepResult> => {
  await refreshIndex(context.search, run.made.index);
  const { position, done: compared } = run;
  let from: Comparison = { position, compared, differences: position === undefined ? [] : run.differences };
  for (;;) {
    const { ended, ...found } = await compareFrom(context, run, from);
    const { position: upTo, compared: done } = found;
    if (ended === "left") return { kind: "left", changes: { position: upTo, done, differences: found.differences } };
    const differences = await stillDiffering(context, run, found.differences);
    const [first] = differences;
    if (first !== undefined) {
      await context.note({ position: undefined, done: 0, differences: differences.slice(0, 100) });
      throw differ(first, `${differences.length}${ended === "all" ? "" : " or more"}`);
    }
    if (ended === "all")
      return { kind: "done", changes: { differences: [], comparedAt: new Date(context.clock()), total: done } };
    from = { ...found, differences: [] };
  }
};

export const compare: Perform = compareAll;

/** Before a swap that comes long after: what the new targets refused meanwhile, for instance, would not be known. */
export const compareAgain: Perform = async (context, run) => {
  const { comparedAt, position } = run;
  const age = comparedAt === undefined ? Number.POSITIVE_INFINITY : context.clock() - comparedAt.getTime();
  if (position === undefined && age < context.freshMs) return { kind: "done" };
  return compareAll(context, run);
};
