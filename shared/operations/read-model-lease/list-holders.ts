import type { Queryable } from "../../postgres/queryable.ts";
import type { Holder } from "./lease.ts";

const text = `
  select projection, run, operation, owner, expires_at >= clock_timestamp() as "isAlive"
  from read_model_lease where run is not null order by projection`;

/** Who has the lease on which read model. */
export const listHolders = async (db: Queryable): Promise<readonly (Holder & { readonly projection: string })[]> =>
  (await db.query<Holder & { readonly projection: string }>({ text })).rows;
