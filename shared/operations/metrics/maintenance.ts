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
  select projection, operation, extract(epoch from clock_timestamp() - began)::float8 as seconds
  from (
    select projection, operation, started_at as began from rewind_run where outcome is null
    union all
    select projection, 'rebuild ' || case course when 'build' then 'start' else course end,
      case course when 'build' then started_at else step_started_at end
    from rebuild_run where step is not null
  ) as under_way`;

/**
 * A rewind from the plan's application until the group is where it had been: the mapping may be off long before offsets are set.
 * A rebuild while one of its steps is to be done; not while it waits for its swap, nor while old targets are kept.
 */
export const listMaintenance = async (db: Queryable): Promise<readonly Maintenance[]> =>
  (await db.query<Maintenance>({ name: "list-maintenance", text })).rows;
