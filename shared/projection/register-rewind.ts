import type { Queryable } from "../postgres/queryable.ts";

const text = `
  insert into projection_rewind (projection, run) values ($1, $2)
  on conflict (projection) do update set run = excluded.run, registered_at = now()`;

/** From its commit on, equal versions are rewritten: see `readTargets`. */
export const registerRewind = async (db: Queryable, projection: string, run: string): Promise<void> => {
  await db.query({ text, values: [projection, run] });
};
