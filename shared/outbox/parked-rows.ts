import type { Queryable } from "../postgres/queryable.ts";

/** A row that waits for an operator's word. */
export type ParkedOutboxRow = {
  readonly id: number;
  readonly eventId: string;
  readonly topic: string;
  readonly partitionKey: string;
  readonly type: string;
  readonly bytes: number;
  readonly attempts: number;
  /** Why it cannot be sent. */
  readonly lastError: string | undefined;
  /** ISO 8601. */
  readonly createdAt: string;
  /** PENDING rows of its topic and key that wait behind it; counted among the 100,000 oldest that are pending. */
  readonly waiting: number;
};

const text = `
  with pending as materialized (
    select o.topic, o.partition_key, o.id from outbox o where o.status = 'PENDING' order by o.id limit 100000
  )
  select p.id, p.event_id as "eventId", p.topic, p.partition_key as "partitionKey", p.type,
    octet_length(p.payload) as bytes, p.attempts, p.last_error as "lastError", p.created_at as created,
    (select count(*) from pending o where o.topic = p.topic and o.partition_key = p.partition_key and o.id > p.id) as waiting
  from outbox p
  where p.status = 'PARKED' and ($1::bigint is null or p.id = $1) and ($2::uuid is null or p.event_id = $2)
  order by p.id limit $3`;

type Row = Omit<ParkedOutboxRow, "createdAt"> & { readonly created: Date };

export type ParkedFilter = { readonly id?: number; readonly eventId?: string; readonly limit: number };

/** Parked rows, the oldest first. */
export const parkedRows = async (
  db: Queryable,
  { id, eventId, limit }: ParkedFilter,
): Promise<readonly ParkedOutboxRow[]> => {
  const { rows } = await db.query<Row>({ text, values: [id ?? null, eventId ?? null, limit] });
  return rows.map(({ created, lastError, ...row }) => ({
    ...row,
    lastError: lastError ?? undefined,
    createdAt: created.toISOString(),
  }));
};
