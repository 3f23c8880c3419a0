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

/** Takes all marks of a read model away, as it lacks nothing any more, and answers them. */
export const clearRebuildNeeded = async (db: Queryable, projection: string): Promise<readonly RebuildNeeded[]> =>
  (
    await db.query<RebuildNeeded>({
      text: `delete from rebuild_needed where projection = $1
             returning projection, run, reason, skipped, marked_at as "markedAt"`,
      values: [projection],
    })
  ).rows;

/** Puts marks back that were taken away: readers see the read model of before again. */
export const restoreRebuildNeeded = async (db: Queryable, marks: readonly RebuildNeeded[]): Promise<void> => {
  const column = (name: keyof RebuildNeeded) => marks.map((mark) => mark[name]);
  await db.query({
    text: `insert into rebuild_needed (projection, run, reason, skipped, marked_at)
           select * from unnest($1::text[], $2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[]) on conflict do nothing`,
    values: [column("projection"), column("run"), column("reason"), column("skipped"), column("markedAt")],
  });
};

/** The oldest mark first. */
export const listRebuildNeeded = async (db: Queryable): Promise<readonly RebuildNeeded[]> =>
  (
    await db.query<RebuildNeeded>({
      text: `select projection, run, reason, skipped, marked_at as "markedAt" from rebuild_needed order by marked_at, run`,
    })
  ).rows;
