import { createHash } from "node:crypto";
import type { SourceRow } from "../../projection/read-model.ts";
import { rowsById, rowsInRange } from "../../projection/read-rows.ts";
import type { Target } from "../../projection/targets.ts";
import { documentsInRange, type IdRange } from "../../search/read-documents.ts";
import { expectedText, type ParityParts } from "./parity-parts.ts";
import { sameContent } from "./same-content.ts";

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

/** Ids of which a target has another version than the write model, or that only one of them has; of the others, those that match not. */
const suspectsAmong = <Held extends { readonly id: string; readonly version: number }>(
  rows: readonly SourceRow[],
  held: readonly Held[],
  matches: (held: Held, row: SourceRow) => boolean,
): string[] => {
  const byId = new Map(held.map((each) => [each.id, each]));
  const suspects: string[] = [];
  for (const row of rows) {
    const found = byId.get(row.item.id);
    byId.delete(row.item.id);
    if (found?.version !== row.item.version || !matches(found, row)) suspects.push(row.item.id);
  }
  return [...suspects, ...byId.keys()];
};

const inIndex = async (
  { search, model }: ParityParts,
  target: Target,
  rows: readonly SourceRow[],
  range: IdRange,
): Promise<string[]> =>
  suspectsAmong(rows, await documentsInRange(search, target.name, range), ({ text }, { item }) =>
    sameContent(text, expectedText(model, target, item)),
  );

/** By a hash at first, which differs too where a document says the same in another order; those are read. */
const inTable = async (
  { db, model }: ParityParts,
  target: Target,
  rows: readonly SourceRow[],
  range: IdRange,
): Promise<string[]> => {
  const table = { table: target.name, text: model.table.rowText.sql };
  const reordered = new Map<string, string>();
  const suspects = suspectsAmong(rows, await rowsInRange(db, table, range), ({ id, hash }, { item }) => {
    const text = expectedText(model, target, item);
    if (hash !== md5(text)) reordered.set(id, text);
    return true;
  });
  if (reordered.size === 0) return suspects;
  const held = new Map((await rowsById(db, table, [...reordered.keys()])).map(({ id, text }) => [id, text]));
  const differing = [...reordered].filter(([id, text]) => !sameContent(held.get(id) ?? "null", text));
  return [...suspects, ...differing.map(([id]) => id)];
};

/**
 * Compares every target with a page of the write model, within the page's range of ids: what only a target has is found, too.
 * @returns ids that are to be looked at once more, as they may have been changed while both were read
 */
export const comparePage = async (
  parts: ParityParts,
  targets: readonly Target[],
  { rows, range }: { readonly rows: readonly SourceRow[]; readonly range: IdRange },
): Promise<readonly string[]> => {
  const found = await Promise.all(
    targets.map((target) => (target.kind === "search" ? inIndex : inTable)(parts, target, rows, range)),
  );
  return [...new Set(found.flat())];
};
