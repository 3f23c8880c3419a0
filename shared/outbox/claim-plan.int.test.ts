import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDatabase, type TestDatabase } from "../testing/database.ts";

let database: TestDatabase;
let client: Client;
const plans: string[] = [];

/** Row estimates are what goes wrong: as after a bulk insert that nobody has analyzed, and as after statistics of an empty outbox. */
const bulkInsert = `
  insert into outbox (event_id, topic, partition_key, aggregate_type, aggregate_id, type, dataschema, payload)
  select gen_random_uuid(), 't', 'k' || n % 1000, 'thing', 'k', 'x', 'y', repeat('x', 300) from generate_series(1, 30000) as n`;

beforeAll(async () => {
  database = await createDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  client.on("notice", ({ message }) => plans.push(message ?? ""));
  await client.query("load 'auto_explain'");
  await client.query("set auto_explain.log_min_duration = 0");
  await client.query("set auto_explain.log_nested_statements = on");
  await client.query("set auto_explain.log_analyze = on");
  await client.query("alter table outbox_default set (autovacuum_enabled = false)");
  const { rows } = await client.query(
    "select inhrelid::regclass::text as leaf from pg_inherits where inhparent = 'outbox'::regclass",
  );
  for (const { leaf } of rows) await client.query(`alter table ${leaf} set (autovacuum_enabled = false)`);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** The plans of the statements inside the function, as they were run. */
const explained = async (text: string): Promise<string> => {
  plans.length = 0;
  await client.query("set client_min_messages = log");
  await client.query(text);
  await client.query("set client_min_messages = notice");
  const found = plans.filter(
    (plan) => /\boutbox\b/.test(plan) && !/^duration: [^\n]*\nQuery Text: select/.test(plan.replace(/\s+plan:/, "")),
  );
  expect(found.length, "auto_explain has spoken").toBeGreaterThan(0);
  return found.join("\n");
};

const allShards = "array(select generate_series(0, 15))::smallint[]";
const claim = `select count(*) from outbox_claim(${allShards}, '{0,3001}', '{2000,9007199254740991}', array(select generate_series(1, 1500))::bigint[],
  '{}', '{}', '{}', 1000, 1000000)`;
const mark = `select outbox_mark_sent('00000000-0000-0000-0000-000000000001', ${allShards}, array_fill(1::bigint, array[16]),
  array(select generate_series(1, 1000))::bigint[])`;

/** What the claim read of the outbox, in order and no more than it needed. */
const expectPinned = (plan: string): void => {
  expect(plan).not.toMatch(/Seq Scan on outbox_(\d|default)/);
  expect(plan).not.toMatch(/Bitmap/);
  expect(plan).not.toMatch(/ Sort {2}\(/);
  expect(plan).toMatch(/Merge Append/);
  const scan = /Index Scan using outbox_\d+_id_shard_idx on .*\(actual time=\S+ rows=(\d+) loops=(\d+)\)/g;
  const reads = [...plan.matchAll(scan)].map(([, rows, loops]) => Number(rows) * Number(loops));
  expect(reads.length).toBeGreaterThan(0);
  expect(Math.max(...reads)).toBe(1000);
};

describe.each([
  ["without any statistics", async () => {}],
  [
    "with statistics of a time when nothing was pending",
    async () => {
      await client.query("update outbox set status = 'SENT'");
      await client.query("analyze outbox");
      await client.query(bulkInsert);
    },
  ],
])("%s", (_, prepare) => {
  beforeAll(async () => {
    await client.query("truncate outbox restart identity");
    await client.query(bulkInsert);
    await prepare();
    await client.query("discard plans");
  });

  test("a claim goes along the index of what is pending and stops at its limit", async () => {
    expectPinned(await explained(claim));
  });

  test("marks go by the index", async () => {
    await client.query(
      "update outbox_lease set owner = '00000000-0000-0000-0000-000000000001', epoch = 1, expires_at = 'infinity'",
    );
    const plan = await explained(mark);
    expect(plan).toMatch(/Update on outbox/);
    expect(plan).not.toMatch(/Seq Scan on outbox_(\d|default)/);
  });
});
