import type { Queryable } from "../../postgres/queryable.ts";

/** A function whose schedule or mapping an operator holds off until they resume it. */
export type Pause = {
  readonly function: string;
  readonly actor: string;
  /** The operator's word. */
  readonly reason: string | undefined;
  /** ISO 8601, by the database's clock. */
  readonly pausedAt: string;
  /** By the database's clock. */
  readonly ageMs: number;
};

const text = `
  select function, actor, reason, paused_at as at, (extract(epoch from clock_timestamp() - paused_at) * 1000)::bigint as "ageMs"
  from pause order by paused_at`;

type Row = Omit<Pause, "pausedAt" | "reason"> & { readonly at: Date; readonly reason: string | null };

/** What is paused, the oldest first. */
export const listPauses = async (db: Queryable): Promise<readonly Pause[]> => {
  const { rows } = await db.query<Row>({ text });
  return rows.map(({ at, reason, ...row }) => ({ ...row, reason: reason ?? undefined, pausedAt: at.toISOString() }));
};
