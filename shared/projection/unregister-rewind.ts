import type { Queryable } from "../postgres/queryable.ts";

/** Equal versions are duplicates again. Does nothing when another run has registered since. */
export const unregisterRewind = async (db: Queryable, projection: string, run: string): Promise<void> => {
  await db.query({
    text: "delete from projection_rewind where projection = $1 and run = $2",
    values: [projection, run],
  });
};
