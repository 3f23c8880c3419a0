import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { type EmbeddedPart, startKafka, startPostgres } from "../../scripts/stack/index.ts";
import type { InboundRecord } from "../messaging/record.ts";
import { connect } from "../postgres/connect.ts";
import type { Database } from "../postgres/queryable.ts";
import { createDatabase } from "../testing/database.ts";
import { eventually } from "../testing/eventually.ts";
import { firstDeliveries, headerOf } from "../testing/first-deliveries.ts";
import { createTopic } from "../testing/kafka-topic.ts";
import { outboxMessage } from "../testing/outbox-messages.ts";
import { readTopic } from "../testing/read-topic.ts";
import { type RelayProcess, startRelay } from "../testing/relay-process.ts";
import { appendToOutbox } from "./append-to-outbox.ts";
import { outboxStatus } from "./outbox-status.ts";

const PARTITIONS = 6;

/** Relays of a test never outlive it. */
const start = (environment: Record<string, string>, options?: Parameters<typeof startRelay>[1]): RelayProcess => {
  const relay = startRelay({ OUTBOX_LEASE_MS: "1500", OUTBOX_SEND_TIMEOUT_MS: "1000", ...environment }, options);
  onTestFinished(() => relay.kill("SIGKILL"));
  return relay;
};

/** A database of the test's own, with a table of aggregates beside the outbox. */
const aggregates = async (serverUrl: string) => {
  const database = await createDatabase(serverUrl);
  const db = connect({ url: database.url, max: 34 });
  await db.query({ text: "create table aggregate (id text primary key, version integer not null)" });
  await db.query({ text: "insert into aggregate select 'a' || n, 0 from generate_series(1, 50) as n" });
  return { database, db };
};

/** As every writer has to: the row's lock, then the outbox. Some transactions roll back, as refused ones do. */
const changeOne = async (db: Database, topic: string, padding = 0): Promise<void> => {
  const change = db.transaction(async (tx) => {
    const { rows } = await tx.query<{ id: string; version: number }>({
      text: "update aggregate set version = version + 1 where id = $1 returning id, version",
      values: [`a${randomInt(1, 51)}`],
    });
    const [{ id, version }] = rows as [{ id: string; version: number }];
    appendToOutbox(tx, [outboxMessage(topic, id, version, { padding })]);
    if (randomInt(20) === 0) throw new Error("refused");
  });
  await change.catch((error: Error) => {
    if (error.message !== "refused") throw error;
  });
};

/** Every committed version of every aggregate, once and ascending; and the payload under its id is the one that was written. */
const expectWhole = async (db: Database, records: readonly InboundRecord[]): Promise<void> => {
  const { rows } = await db.query<{ id: string; version: number }>({
    text: "select id, version from aggregate where version > 0",
  });
  const found = firstDeliveries(records);
  for (const { id, version } of rows)
    expect(found.get(id), id).toEqual(Array.from({ length: version }, (_, at) => at + 1));
  expect(found.size).toBe(rows.length);
  for (const record of records)
    expect(JSON.parse(Buffer.from(record.value ?? []).toString())).toMatchObject({
      id: Buffer.from(record.key ?? []).toString(),
      version: Number(headerOf(record, "ce_sequence")),
    });
};

const untilEmpty = (db: Database) =>
  eventually(
    () => outboxStatus(db),
    ({ pending }) => pending === 0,
  );

const sentOrElse = async (db: Database) => {
  const { rows } = await db.query({ text: "select status, count(*) as rows from outbox group by status" });
  return rows;
};

test("32 writers on 50 aggregates, two relays of which one is killed again and again: every version once and ascending", async () => {
  // given
  const { kafkaBrokers, databaseUrl } = inject("stack");
  const { database, db } = await aggregates(databaseUrl);
  const topic = await createTopic({ partitions: PARTITIONS });
  const environment = { DATABASE_URL: database.url, KAFKA_BROKERS: kafkaBrokers, OUTBOX_BATCH_ROWS: "40" };
  const steady = start(environment);
  let writing = true;
  let kills = 0;
  const killer = async (): Promise<void> => {
    while (writing) {
      const victim = start(environment);
      await eventually(
        async () =>
          (await db.query({ text: "select owner from outbox_lease where owner is not null group by owner" })).rows
            .length,
        (owners) => owners >= 2 || !writing,
      );
      const { rows } = await db.query<{ sent: number }>({
        text: "select count(*) as sent from outbox where status = 'SENT'",
      });
      const before = rows[0]?.sent ?? 0;
      await eventually(
        async () =>
          (await db.query<{ sent: number }>({ text: "select count(*) as sent from outbox where status = 'SENT'" }))
            .rows[0]?.sent ?? 0,
        (sent) => sent > before + 50 || !writing,
      );
      victim.kill("SIGKILL");
      await victim.answer;
      kills++;
    }
  };

  // when
  const killing = killer();
  const write = async (): Promise<void> => {
    for (let changes = 0; changes < 60 || kills < 4; changes++) await changeOne(db, topic.name);
  };
  await Promise.all(Array.from({ length: 32 }, write));
  writing = false;
  await killing;
  await untilEmpty(db);
  steady.kill("SIGTERM");

  // then
  expect(kills).toBeGreaterThanOrEqual(4);
  expect(await steady.answer).toMatchObject({ ended: "stopped", parked: 0 });
  await expectWhole(db, await readTopic(topic.brokers, topic.name, PARTITIONS));
  const { rows: held } = await db.query({
    text: "select shard from outbox_lease where owner is not null and expires_at > now()",
  });
  expect(held, "a relay that is told to stop gives its leases back").toEqual([]);
  await db.end();
  await database.drop();
  await topic.drop();
}, 240_000);

describe("parts that stop and start in mid-drain", () => {
  let dir: string;
  let kafka: EmbeddedPart;
  let postgres: EmbeddedPart;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "sluice-relay-"));
    [kafka, postgres] = await Promise.all([
      startKafka({ dir: join(dir, "kafka") }),
      startPostgres({ dir: join(dir, "postgres"), durable: false }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([kafka?.remove(), postgres?.remove()]);
    rmSync(dir, { recursive: true, force: true });
  });

  test.each([
    ["the broker is stopped and started", () => kafka, "stop"],
    ["the broker crashes and is started", () => kafka, "kill"],
    ["PostgreSQL is restarted", () => postgres, "stop"],
    ["PostgreSQL crashes and is started", () => postgres, "kill"],
  ] as const)(
    "%s: nothing is lost, nothing is parked",
    async (_, part, how) => {
      // given: a backlog of which a part is sent
      const { database, db } = await aggregates(postgres.address);
      onTestFinished(() => db.end());
      const topic = await createTopic({ partitions: PARTITIONS, brokers: kafka.address });
      await Promise.all(
        Array.from({ length: 16 }, async () => {
          for (let changes = 0; changes < 150; changes++) await changeOne(db, topic.name, 1_000);
        }),
      );
      const relay = start({ DATABASE_URL: database.url, KAFKA_BROKERS: kafka.address, OUTBOX_BATCH_ROWS: "10" });
      const all = (await outboxStatus(db)).pending;
      await eventually(
        async () => (await outboxStatus(db)).pending,
        (pending) => pending < all - 50,
      );

      // when
      await part()[how]();
      await part().start();

      // then
      await eventually(
        () => outboxStatus(db).catch(() => ({ pending: -1 })), // the pool's own connections have gone with the server
        ({ pending }) => pending === 0,
      );
      relay.kill("SIGTERM");
      expect(await relay.answer).toMatchObject({ ended: "stopped", parked: 0 });
      expect(await sentOrElse(db)).toEqual([{ status: "SENT", rows: all }]);
      await expectWhole(db, await readTopic(kafka.address, topic.name, PARTITIONS));
    },
    180_000,
  );
});
