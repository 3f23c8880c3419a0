import type { Queryable } from "../postgres/queryable.ts";

/** A read model that lacks something which no event will bring again. */
export type RebuildNeeded = {
  readonly projection: string;
  readonly run: string;
  readonly reason: string;
  readonly skipped: number;
  readonly markedAt: Date;
};

const insert = `
  insert into rebuild_needed (projection, run, reason, skipped) values ($1, $2, $3, $4) on conflict do nothing`;

export const markRebuildNeeded = async (
  db: Queryable,
  { projection, run, reason, skipped }: Omit<RebuildNeeded, "markedAt" | "skipped"> & { readonly skipped: bigint },
): Promise<void> => {
  await db.query({ text: insert, values: [projection, run, reason, String(skipped)] });
};

/** The move that marked it was put back. */
export const unmarkRebuildNeeded = async (db: Queryable, projection: string, run: string): Promise<void> => {
  await db.query({ text: "delete from rebuild_needed where projection = $1 and run = $2", values: [projection, run] });
};

/** The oldest mark first. */
export const listRebuildNeeded = async (db: Queryable): Promise<readonly RebuildNeeded[]> =>
  (
    await db.query<RebuildNeeded>({
      text: `select projection, run, reason, skipped, marked_at as "markedAt" from rebuild_needed order by marked_at, run`,
    })
  ).rows;
