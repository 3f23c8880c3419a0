import { setTimeout as sleep } from "node:timers/promises";
import { rowsById } from "../../projection/read-rows.ts";
import type { Target } from "../../projection/targets.ts";
import { documentsById } from "../../search/read-documents.ts";
import { type Difference, type Held, judge } from "./difference.ts";
import { expectedText, type ParityParts } from "./parity-parts.ts";

const EVERY_MS = 250;

const heldBy = async (
  { db, search, model }: ParityParts,
  { kind, name }: Target,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Held>> => {
  const held =
    kind === "search"
      ? await documentsById(search, name, ids)
      : await rowsById(db, { table: name, text: model.table.rowText.sql }, ids);
  return new Map(held.map((each) => [each.id, each]));
};

type Seen = ReadonlyMap<string, number>;

/** The targets first, then the write model: see `judge`. */
const look = async (parts: ParityParts, targets: readonly Target[], ids: readonly string[], seen: Seen) => {
  const { db, model, clock } = parts;
  const held = await Promise.all(targets.map((target) => heldBy(parts, target, ids)));
  const rows = new Map((await model.writeModel.byId(db, ids)).map((row) => [row.item.id, row]));
  const purgedBefore = clock() - model.tombstoneRetentionMs;
  const differences = targets.flatMap((target, index) =>
    ids.flatMap((id): Difference[] => {
      const [row, found] = [rows.get(id), held[index]?.get(id)];
      const expected = row && { row, text: expectedText(model, target, row.item) };
      const what = judge(found, expected, { seen: seen.get(id), purgedBefore });
      if (what === undefined) return [];
      const versions = { held: found?.version ?? null, expected: row?.item.version ?? null };
      return [{ id, kind: target.kind, target: target.name, what, ...versions }];
    }),
  );
  return { differences, seen: new Map([...rows].map(([id, { item }]) => [id, item.version])) };
};

export type LookAgainOptions = {
  /** How long what differs may take to come right: as long as an event is on its way. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
};

/** Looks at these ids, and at those that differ again and again, until none does or the time is over. */
export const lookAgain = async (
  parts: ParityParts,
  targets: readonly Target[],
  ids: readonly string[],
  { limitMs, signal }: LookAgainOptions,
): Promise<readonly Difference[]> => {
  let [left, seen]: [readonly string[], Seen] = [ids, new Map()];
  for (const end = parts.clock() + limitMs; left.length > 0; await sleep(EVERY_MS, undefined, { signal })) {
    const found = await look(parts, targets, left, seen);
    if (found.differences.length === 0 || parts.clock() >= end) return found.differences;
    [left, seen] = [[...new Set(found.differences.map(({ id }) => id))], found.seen];
  }
  return [];
};
