import type { Queryable } from "../../postgres/queryable.ts";

/** A rebuild at which nobody is at work: it was left in mid-step, or it is ready for its swap. Nothing else may change the read model. */
export type LeftRebuild = {
  readonly id: string;
  readonly projection: string;
  readonly isReady: boolean;
  readonly idleSeconds: number;
};

const text = `
  select r.id, r.projection, r.step is null as "isReady",
    extract(epoch from clock_timestamp() - l.expires_at)::integer as "idleSeconds"
  from rebuild_run r join read_model_lease l on l.run = r.id
  where l.expires_at < clock_timestamp() - $1 * interval '1 second'
  order by r.started_at`;

/** @param seconds so long nobody has been heard of; a state machine lets some pass between its calls */
export const findLeftRebuilds = async (db: Queryable, seconds: number): Promise<readonly LeftRebuild[]> =>
  (await db.query<LeftRebuild>({ text, values: [seconds] })).rows;
