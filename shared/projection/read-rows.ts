import { escapeIdentifier } from "pg";
import type { Queryable } from "../postgres/queryable.ts";
import type { IdRange } from "../search/read-documents.ts";

type Key = { readonly id: string; readonly version: number };

/** The row's text (`ReadModel.table.rowText`) as MD5 in hex: a page of texts would be most of what the network carries. */
export type HashedRow = Key & { readonly hash: string };
export type HeldRow = Key & { readonly text: string };

/** Rows of a range, in no order. */
export const rowsInRange = async (
  db: Queryable,
  { table, text }: { readonly table: string; readonly text: string },
  { after, upTo }: IdRange,
): Promise<readonly HashedRow[]> => {
  const { rows } = await db.query<HashedRow>({
    text: `select id, version, md5(${text}) as hash from ${escapeIdentifier(table)}
           where ($1::uuid is null or id > $1) and ($2::uuid is null or id <= $2)`,
    values: [after ?? null, upTo ?? null],
  });
  return rows;
};

/** Those of these ids that there are. */
export const rowsById = async (
  db: Queryable,
  { table, text }: { readonly table: string; readonly text: string },
  ids: readonly string[],
): Promise<readonly HeldRow[]> => {
  const { rows } = await db.query<HeldRow>({
    text: `select id, version, ${text} as text from ${escapeIdentifier(table)} where id = any ($1::uuid[])`,
    values: [ids],
  });
  return rows;
};
