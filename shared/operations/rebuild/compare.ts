import { SluiceError } from "../../messaging/sluice-error.ts";
import { refreshIndex } from "../../search/index-upkeep.ts";
import { compareReadModels } from "../parity/compare-read-models.ts";
import type { Difference } from "../parity/difference.ts";
import { lookAgain } from "../parity/look-again.ts";
import { madeTargets } from "./load.ts";
import type { Perform, StepContext, StepResult } from "./rebuild-parts.ts";
import type { RebuildRun } from "./rebuild-run.ts";

const NOTE_MS = 250;

const differ = ({ made }: RebuildRun, differences: readonly Difference[]): SluiceError => {
  const [{ id, target, what } = { id: "", target: made.index, what: "missing" }] = differences;
  return new SluiceError(
    "read-models-differ",
    `the new read models differ from the write model in ${differences.length} places, and are not swapped in: first ${id} in ${target}, ${what}`,
    {
      hint: "`sluice rebuild status` lists them; `sluice projection repair ID` writes one anew, then the same command compares again",
    },
  );
};

/** Looked at once more at the end: what was late may have come. */
const stillDiffering = (context: StepContext, run: RebuildRun, differences: readonly Difference[]) => {
  const ids = [...new Set(differences.map(({ id }) => id))];
  return lookAgain(context, madeTargets(run.made), ids, { limitMs: context.parityMs, signal: context.lost });
};

/** Every row of both new targets. A difference that stays stops it, and is noted; the next call begins again. */
const compareAll = async (context: StepContext, run: RebuildRun): Promise<StepResult> => {
  const { search, clock, isOver, lost, parityMs: limitMs, pageSize } = context;
  await refreshIndex(search, run.made.index);
  let notedAt = clock();
  const from = {
    position: run.position,
    compared: run.done,
    differences: run.position === undefined ? [] : run.differences,
  };
  const { ended, ...found } = await compareReadModels(context, madeTargets(run.made), from, {
    ...{ pageSize, limitMs, signal: lost, isOver },
    onPage: async ({ position, compared, differences }) => {
      if (clock() - notedAt < NOTE_MS) return;
      notedAt = clock();
      await context.note({ position, done: compared, differences });
    },
  });
  const { position, compared: done } = found;
  if (ended === "left") return { kind: "left", changes: { position, done, differences: found.differences } };
  const differences = await stillDiffering(context, run, found.differences);
  if (differences.length === 0 && ended === "all")
    return { kind: "done", changes: { differences: [], comparedAt: new Date(clock()), total: done } };
  await context.note({ position: undefined, done: 0, differences: differences.slice(0, 100) });
  throw differ(run, differences);
};

export const compare: Perform = compareAll;

/** Before a swap that comes long after: what the new targets refused meanwhile, for instance, would not be known. */
export const compareAgain: Perform = async (context, run) => {
  const { comparedAt, position } = run;
  const age = comparedAt === undefined ? Number.POSITIVE_INFINITY : context.clock() - comparedAt.getTime();
  if (position === undefined && age < context.freshMs) return { kind: "done" };
  return compareAll(context, run);
};
