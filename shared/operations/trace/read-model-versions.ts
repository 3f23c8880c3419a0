import { escapeIdentifier } from "pg";
import type { Queryable } from "../../postgres/queryable.ts";
import { readTargets, type Target } from "../../projection/targets.ts";
import type { SearchClient } from "../../search/search-client.ts";

/** What a read model holds of an aggregate. */
export type HeldVersion = Target & {
  /** Undefined: it holds nothing of it. */
  readonly version: number | undefined;
  /** A tombstone. */
  readonly archived: boolean | undefined;
};

type Held = Pick<HeldVersion, "version" | "archived">;

const nothing: Held = { version: undefined, archived: undefined };

const inTable = async (db: Queryable, { name }: Target, id: string): Promise<Held> => {
  const { rows } = await db.query<{ version: number; archived: boolean }>({
    text: `select version, archived from ${escapeIdentifier(name)} where id = $1`,
    values: [id],
  });
  return rows[0] ?? nothing;
};

type Document = {
  readonly found?: boolean;
  readonly _version?: number;
  readonly _source?: { readonly status?: string };
};

const inIndex = async (search: SearchClient, { name }: Target, id: string): Promise<Held> => {
  const path = `/${encodeURIComponent(name)}/_doc/${encodeURIComponent(id)}`;
  const { body } = await search.request<Document>({ method: "GET", path, expected: [404] });
  if (body.found !== true) return nothing;
  return { version: body._version, archived: body._source?.status === "archived" };
};

/**
 * The version that each target of a projection holds, those of a rebuild too. By id, so that nothing has to be refreshed first.
 * @param search undefined: only tables are looked at
 */
export const readModelVersions = async (
  db: Queryable,
  search: SearchClient | undefined,
  { projection, id }: { readonly projection: string; readonly id: string },
): Promise<readonly HeldVersion[]> => {
  const { targets } = await readTargets(db, projection);
  const held = targets.map(async (target): Promise<HeldVersion[]> => {
    if (target.kind === "table") return [{ ...target, ...(await inTable(db, target, id)) }];
    return search === undefined ? [] : [{ ...target, ...(await inIndex(search, target, id)) }];
  });
  return (await Promise.all(held)).flat();
};
