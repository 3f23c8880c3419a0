import type { Queryable } from "../../postgres/queryable.ts";
import type { Holder } from "./lease.ts";

const text = `
  select run, operation, owner, expires_at >= clock_timestamp() as "isAlive"
  from read_model_lease where projection = $1 and run is not null`;

/** Who has the lease on a read model. */
export const findHolder = async (db: Queryable, projection: string): Promise<Holder | undefined> =>
  (await db.query<Holder>({ text, values: [projection] })).rows[0];
