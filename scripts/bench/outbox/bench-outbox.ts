import pg from "pg";
import { ensureTopics } from "../../../shared/kafka/topics.ts";
import type { StackAddresses } from "../../stack/index.ts";
import { benchDatabase } from "../database/bench-database.ts";

/** A database and a topic that a bench has to itself. */
export type BenchOutbox = {
  readonly databaseUrl: string;
  readonly topic: string;
  /** Leaves so many rows pending, without statistics; what was in the outbox before is gone. */
  fill(rows: number): Promise<void>;
  /** Adds pending rows to what there is. */
  add(rows: number): Promise<void>;
};

export const payloadBytes = 500;
export const partitions = 6;
/** Aggregates that the rows are spread over. */
export const keys = 5_000;

/** 500 bytes of JSON, and all that a row of the service has. Event ids are UUIDv7, a millisecond for every 20. */
const insertRows = `
  insert into outbox (event_id, topic, partition_key, aggregate_type, aggregate_id, aggregate_version, type, dataschema, payload,
    traceparent, correlation_id)
  select
    (lpad(to_hex(1795000000000 + n / 20), 12, '0') || '7' || substr(md5(n::text), 1, 3) || 'a' || substr(md5(n::text), 5, 15))::uuid,
    $2, key, 'thing', key, n, 'thing.updated', 'urn:sluice:schema:thing.updated:1',
    rpad('{"id":"' || key || '","version":' || n || ',"text":"', $3 - 2, 'lorem ipsum ') || '"}',
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '0193e7a0-0000-7000-8000-000000000000'
  from (select n, '0193e7a0-0000-7000-8000-' || lpad((n % $4)::text, 12, '0') as key from generate_series(1, $1::integer) as n) as rows`;

const within = async <Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/** Makes them, hands them over, and takes them away again. */
export const withBenchOutbox = async <Result>(
  addresses: StackAddresses,
  work: (outbox: BenchOutbox) => Promise<Result>,
): Promise<Result> => {
  const topic = `bench.outbox.${process.hrtime.bigint()}`;
  const insert = (client: pg.Client, rows: number) => client.query(insertRows, [rows, topic, payloadBytes, keys]);
  try {
    return await benchDatabase(addresses.databaseUrl, "outbox", async (databaseUrl) => {
      await ensureTopics(addresses.kafkaBrokers, [{ name: topic, partitions, retentionMs: 3_600_000 }], {
        replicationFactor: 1,
        minInsyncReplicas: 1,
      });
      return work({
        databaseUrl,
        topic,
        fill: (rows) =>
          within(databaseUrl, async (client) => {
            await client.query("truncate outbox");
            await insert(client, rows);
          }),
        add: async (rows) => {
          await within(databaseUrl, (client) => insert(client, rows));
        },
      });
    });
  } finally {
    await deleteTopic(addresses.kafkaBrokers, topic);
  }
};

const deleteTopic = async (brokers: string, topic: string): Promise<void> => {
  const { Kafka, logLevel } = await import("kafkajs");
  const admin = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] }).catch(() => {}); // it was never made
  await admin.disconnect();
};
