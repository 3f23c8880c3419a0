import type { Queryable } from "../postgres/queryable.ts";
import type { TargetState } from "./targets.ts";

/** A concrete index and a concrete table that belong together. */
export type TargetPair = { readonly index: string; readonly table: string };

/** Adds both to the target set; what is there already stays. From the commit on, every batch is written to them. */
export const insertTargets = async (
  db: Queryable,
  projection: string,
  { index, table, state }: TargetPair & { readonly state: TargetState },
): Promise<void> => {
  await db.query({
    text: `insert into projection_target (projection, kind, name, state)
           values ($1, 'search', $2, $4), ($1, 'table', $3, $4) on conflict do nothing`,
    values: [projection, index, table, state],
  });
};

const setState = (db: Queryable, projection: string, { index, table }: TargetPair, state: TargetState) =>
  db.query({
    text: `update projection_target set state = $4
           where projection = $1 and ((kind = 'search' and name = $2) or (kind = 'table' and name = $3))`,
    values: [projection, index, table, state],
  });

/** One pair becomes live, the other is kept fresh. The old one goes first: at no moment are there two live ones. */
export const swapTargets = async (
  db: Queryable,
  projection: string,
  { to, from }: { readonly to: TargetPair; readonly from: TargetPair },
): Promise<void> => {
  await setState(db, projection, from, "retiring");
  await setState(db, projection, to, "live");
};

/** From the commit on no batch is written to them. Live ones stay: a consumer could not go on without them. */
export const removeTargets = async (db: Queryable, projection: string, { index, table }: TargetPair): Promise<void> => {
  await db.query({
    text: `delete from projection_target
           where projection = $1 and state <> 'live' and ((kind = 'search' and name = $2) or (kind = 'table' and name = $3))`,
    values: [projection, index, table],
  });
};

/** What readers see. Undefined where nothing is installed. */
export const livePair = async (db: Queryable, projection: string): Promise<TargetPair | undefined> => {
  const { rows } = await db.query<{ kind: string; name: string }>({
    text: "select kind, name from projection_target where projection = $1 and state = 'live'",
    values: [projection],
  });
  const index = rows.find(({ kind }) => kind === "search")?.name;
  const table = rows.find(({ kind }) => kind === "table")?.name;
  return index === undefined || table === undefined ? undefined : { index, table };
};
