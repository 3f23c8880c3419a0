import type { Queryable } from "../../postgres/queryable.ts";

/** A read model is being rewound or rebuilt, so that its group may lag for good reason. */
export type Maintenance = {
  readonly projection: string;
  /** In the operator's words: `replay`, `rebuild start`. */
  readonly operation: string;
  /** Since it began, by the database's clock. */
  readonly seconds: number;
};

const text = `
  select projection, operation, extract(epoch from clock_timestamp() - started_at)::float8 as seconds
  from rewind_run where outcome is null`;

/** From the plan's application until the group is where it had been: the mapping may be off long before offsets are set. */
export const listMaintenance = async (db: Queryable): Promise<readonly Maintenance[]> =>
  (await db.query<Maintenance>({ name: "list-maintenance", text })).rows;
