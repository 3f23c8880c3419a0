import type { Queryable } from "../../postgres/queryable.ts";

/** A rewind whose process is gone before the group read again: its mapping may be off. */
export type LeftRun = { readonly id: string; readonly groupId: string; readonly step: string };

const text = `
  select r.id, r.group_id as "groupId", r.step
  from rewind_run r join read_model_lease l on l.run = r.id
  where r.outcome is null and r.step not in ('follow', 'finish') and l.expires_at < clock_timestamp()
  order by r.started_at`;

export const findLeftRuns = async (db: Queryable): Promise<readonly LeftRun[]> =>
  (await db.query<LeftRun>({ text })).rows;
