import { setTimeout as sleep } from "node:timers/promises";
import { escapeIdentifier } from "pg";
import { isRetriable } from "../../messaging/sluice-error.ts";
import { newestPending } from "../../outbox/pending-before.ts";
import type { TargetPair } from "../../projection/change-targets.ts";
import type { SourceItem, SourceRow } from "../../projection/read-model.ts";
import type { Target } from "../../projection/targets.ts";
import { writeTargets } from "../../projection/write-targets.ts";
import { setRefreshInterval } from "../../search/index-upkeep.ts";
import type { Perform, StepContext } from "./rebuild-parts.ts";

/** Of documents, in one bulk request. */
const mostBytes = 5_000_000;
const tries = 8;
const NOTE_MS = 250;

export const madeTargets = ({ index, table }: TargetPair): readonly Target[] => [
  { kind: "search", name: index, state: "building" },
  { kind: "table", name: table, state: "building" },
];

const bySize = (items: readonly SourceItem[]): readonly (readonly SourceItem[])[] => {
  const pieces: SourceItem[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const item of items) {
    if (bytes + item.document.length > mostBytes) [bytes, pieces[pieces.length]] = [0, []];
    bytes += item.document.length;
    pieces.at(-1)?.push(item);
  }
  return pieces;
};

/** By version, as events are written: what an event has brought meanwhile stays. What a target refuses is found by the comparison. */
const writeOnce = async (context: StepContext, targets: readonly Target[], items: readonly SourceItem[]) => {
  const outcomes = await writeTargets(context, context.model.table, { targets, equal: "keep" }, items);
  for (const outcome of outcomes) {
    if (outcome.status === "failed") throw outcome.error;
    if (outcome.status === "refused") context.log(`a document was refused: ${outcome.reason}`);
  }
};

const writePage = async (context: StepContext, targets: readonly Target[], rows: readonly SourceRow[]) => {
  for (const items of bySize(rows.map(({ item }) => item)))
    for (let attempt = 1; ; attempt++)
      try {
        await writeOnce(context, targets, items);
        break;
      } catch (fault) {
        if (!isRetriable(fault) || attempt === tries) throw fault;
        await sleep(Math.min(100 * 2 ** attempt, 5_000), undefined, { signal: context.lost });
      }
};

/** The write model's rows after this one; the next page is read while one is written. */
async function* pagesAfter({ model, db, pageSize }: StepContext, position: string | undefined) {
  const read = (after: string | undefined) => {
    const page = model.writeModel.page(db, after, pageSize);
    page.catch(() => {}); // heard when it is its turn
    return page;
  };
  for (let next = read(position); ; ) {
    const rows = await next;
    const last = rows.at(-1)?.item.id;
    if (last === undefined) return;
    next = read(last);
    yield { rows, last };
  }
}

/**
 * Fills the new targets from the write model, by pages in the order of the ids, each read by one short statement. Rows that come in behind
 * the scan are written by their events: the target set was committed before it began, so none of them was read by a batch of before.
 */
export const load: Perform = async (context, run) => {
  const { model, db, search, lost, clock, group } = context;
  const targets = madeTargets(run.made);
  const began = clock();
  let [at, notedAt] = [{ position: run.position, done: run.done }, clock()];
  let writing: Promise<unknown> = Promise.resolve();
  const written = async () => {
    await writing;
    const [loadMs, total] = [(run.loadMs ?? 0) + clock() - began, Math.max(run.total, at.done)];
    return { ...at, loadMs, total };
  };
  for await (const { rows, last } of pagesAfter(context, run.position)) {
    lost.throwIfAborted();
    const changes = await written(); // two pages at a time: one is written, and the next one's writes wait behind it
    if (clock() - notedAt > NOTE_MS) {
      await context.note(changes);
      notedAt = clock();
    }
    context.passing?.("build: within load");
    if (context.isOver()) return { kind: "left", changes };
    writing = writePage(context, targets, rows);
    writing.catch(() => {}); // heard by `written`
    at = { position: last, done: at.done + rows.length };
  }
  const changes = await written();
  const settings = model.index.definition.settings as { readonly refresh_interval?: string };
  await setRefreshInterval(search, run.made.index, settings.refresh_interval ?? null);
  await db.query({ text: `analyze ${escapeIdentifier(run.made.table)}` });
  return { kind: "done", changes: { ...changes, outboxGoal: await newestPending(db, group.topics) } };
};
