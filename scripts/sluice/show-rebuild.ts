import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { advanceRebuild } from "../../shared/operations/rebuild/advance-rebuild.ts";
import { hintFor } from "../../shared/operations/rebuild/begin-course.ts";
import { findRebuild } from "../../shared/operations/rebuild/find-rebuild.ts";
import { progressOf } from "../../shared/operations/rebuild/progress.ts";
import type { RebuildParts } from "../../shared/operations/rebuild/rebuild-parts.ts";
import { operationOf, type RebuildRun } from "../../shared/operations/rebuild/rebuild-run.ts";
import type { Queryable } from "../../shared/postgres/queryable.ts";
import { readTargets } from "../../shared/projection/targets.ts";
import type { Context } from "./command.ts";
import { progressLine, statusText } from "./rebuild-tables.ts";

const EVERY_MS = 1_000;

/** Tells how far a run is, each second, on standard error. */
const watch = ({ db, clock }: RebuildParts, id: string, { err }: Pick<Context, "err">) => {
  let last = "";
  const tell = async (): Promise<void> => {
    const line = progressLine(await findRebuild(db, id), clock());
    if (line !== last) err(`${line}\n`);
    last = line;
  };
  const timer = setInterval(() => void tell().catch(() => {}), EVERY_MS); // the work itself will say that the database is away
  return { [Symbol.dispose]: () => clearInterval(timer) };
};

/** Works until what is being done with it is done, it waits for something, or Ctrl-C. */
export const advance = async (
  parts: RebuildParts,
  id: string,
  { err }: Pick<Context, "err">,
  signal: AbortSignal,
): Promise<RebuildRun> => {
  using _watching = watch(parts, id, { err });
  return await advanceRebuild(parts, { id, signal });
};

export const showRebuild = async (
  { print, err, clock }: Pick<Context, "print" | "err" | "clock">,
  db: Queryable,
  run: RebuildRun,
): Promise<void> => {
  const { targets } = await readTargets(db, run.projection);
  print({ run, progress: progressOf(run, clock()), targets }, statusText);
  if (!["retired", "aborted"].includes(progressOf(run, clock()).state)) err(`${hintFor(run)}\n`);
};

/** What was not brought to its end is told by the exit code, too; the state is printed before. */
export const requireDone = ({ id, step, course, note }: RebuildRun): void => {
  if (step === undefined) return;
  const hint = `\`sluice ${operationOf[course]} --execute\` goes on with it`;
  if (note !== undefined) throw new SluiceError("rebuild-waits", note, { canRetry: true, hint });
  throw new SluiceError("interrupted", `rebuild ${id} stopped before its end, at ${step}`, { hint });
};
