import { isUuidV7, timeOfUuidV7 } from "../../messaging/uuid-v7.ts";
import { sqlState } from "../../postgres/fault.ts";
import type { Database } from "../../postgres/queryable.ts";

/** What the outbox knows of a message. */
export type TracedRow = {
  readonly id: number;
  readonly eventId: string;
  readonly type: string;
  readonly topic: string;
  readonly partitionKey: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly aggregateVersion: number | undefined;
  readonly status: "PENDING" | "SENT" | "PARKED" | "SKIPPED";
  /** ISO 8601, as the others. */
  readonly createdAt: string;
  readonly sentAt: string | undefined;
  readonly lastError: string | undefined;
  /** The operator's word. */
  readonly reason: string | undefined;
  readonly correlationId: string | undefined;
  readonly causationId: string | undefined;
};

const text = `
  select id, event_id as "eventId", type, topic, partition_key as "partitionKey", aggregate_type as "aggregateType",
    aggregate_id as "aggregateId", aggregate_version as "aggregateVersion", status, last_error as "lastError", reason,
    correlation_id as "correlationId", causation_id as "causationId", created_at as created, sent_at as sent
  from outbox
  where (event_id = $1::uuid or aggregate_id = $1::text) and created_at >= $2
  order by id desc limit $3`;

const dayMs = 86_400_000;
const canceled = "57014";

type Row = Omit<TracedRow, "createdAt" | "sentAt"> & { readonly created: Date; readonly sent: Date | null };

const toTraced = ({ created, sent, ...row }: Row): TracedRow =>
  ({
    ...Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? undefined])),
    createdAt: created.toISOString(),
    sentAt: sent?.toISOString(),
  }) as TracedRow;

/**
 * The newest rows of an event or an aggregate, newest first. No index leads to them, as each write would pay for it: the days since
 * the id was made are read through.
 * @param id a UUID
 * @returns undefined when they were too many to be read within the limit
 */
export const outboxRowsOf = async (
  db: Database,
  id: string,
  { limit, limitMs }: { readonly limit: number; readonly limitMs: number },
): Promise<readonly TracedRow[] | undefined> => {
  const since = isUuidV7(id) ? new Date(timeOfUuidV7(id) - dayMs) : new Date(0);
  try {
    return await db.transaction(async (tx) => {
      await tx.query({ text: "select limit_statement($1)", values: [Math.round(limitMs)] });
      const { rows } = await tx.query<Row>({ text, values: [id, since, limit] });
      return rows.map(toTraced);
    });
  } catch (fault) {
    if (sqlState(fault) === canceled) return undefined;
    throw fault;
  }
};
