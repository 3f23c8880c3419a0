import type { Queryable } from "../../postgres/queryable.ts";
import type { AuditEntry } from "./audit-entry.ts";

/** One run as it stands: what it was, and how far it came. */
export type AuditedRun = AuditEntry & {
  /** ISO 8601, by the database's clock. */
  readonly startedAt: string;
  /** Undefined while the outcome is `started`: it goes on, or its process died. */
  readonly endedAt: string | undefined;
};

export type AuditFilter = {
  /** Runs that began at or after this. */
  readonly since?: Date | undefined;
  /** The command's words or the first of them: `outbox` finds `outbox skip`. */
  readonly operation?: string | undefined;
  readonly limit: number;
};

const text = `
  select last.run, last.actor, last.operation, last.target, last.outcome, last.reason, last.fault,
    coalesce(last.before, first.before) as before, last.after, first.at as started_at, last.at as last_at
  from audit first
  cross join lateral (select * from audit a where a.run = first.run order by a.id desc limit 1) last
  where not exists (select from audit a where a.run = first.run and a.id < first.id)
    and ($1::timestamptz is null or first.at >= $1)
    and ($2::text is null or first.operation = $2 or starts_with(first.operation, $2 || ' '))
  order by first.at desc, first.id desc
  limit $3`;

type Row = AuditEntry & { readonly started_at: Date; readonly last_at: Date };

/** What was done, newest first, a run each. */
export const listAudit = async (
  db: Queryable,
  { since, operation, limit }: AuditFilter,
): Promise<readonly AuditedRun[]> => {
  const { rows } = await db.query<Row>({ text, values: [since ?? null, operation ?? null, limit] });
  return rows.map(({ started_at, last_at, ...entry }) => ({
    ...Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null)),
    startedAt: started_at.toISOString(),
    endedAt: entry.outcome === "started" ? undefined : last_at.toISOString(),
  })) as unknown as readonly AuditedRun[];
};
