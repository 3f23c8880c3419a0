import { expect, inject, onTestFinished, test } from "vitest";
import { connect } from "../postgres/connect.ts";
import { appendAndCommit } from "../testing/append-and-commit.ts";
import { createDatabase } from "../testing/database.ts";
import { createTopic } from "../testing/kafka-topic.ts";
import { outboxMessage } from "../testing/outbox-messages.ts";
import { pgbouncerPath, startPgbouncer } from "../testing/pgbouncer.ts";
import { readTopic } from "../testing/read-topic.ts";
import { startRelay } from "../testing/relay-process.ts";
import { dropOldPartitions } from "./drop-old-partitions.ts";
import { ensureDayPartitions } from "./partitions.ts";

const program = pgbouncerPath();

const setUp = async () => {
  const database = await createDatabase();
  const topic = await createTopic({ partitions: 3 });
  const bouncer = await startPgbouncer(program as string, database.url);
  const db = connect({ url: bouncer.url, pooler: "transaction", max: 6 });
  onTestFinished(async () => {
    await db.end();
    await bouncer.stop();
    await database.drop();
    await topic.drop();
  });
  return { db, topic, bouncer };
};

// The one permitted skip: a machine without the program says so by name.
test.skipIf(program === undefined)(
  `through PgBouncer in transaction mode (Debian's package pgbouncer${program === undefined ? ", which is missing here: skipped" : ""}): two relays share the work, in order`,
  async () => {
    // given
    const { db, topic, bouncer } = await setUp();
    await ensureDayPartitions(db);
    await dropOldPartitions(db, 7);
    const environment = {
      DATABASE_URL: bouncer.url,
      DATABASE_POOLER: "transaction",
      KAFKA_BROKERS: inject("stack").kafkaBrokers,
      OUTBOX_BATCH_ROWS: "20",
    };
    const relays = [startRelay(environment), startRelay(environment)];
    onTestFinished(() => {
      for (const relay of relays) relay.kill("SIGKILL");
    });
    const owners = async () => {
      const { rows } = await db.query<{ shards: number }>({
        text: "select count(*) as shards from outbox_lease where owner is not null group by owner",
      });
      return rows.map(({ shards }) => shards);
    };
    await expect.poll(owners, { timeout: 60_000 }).toEqual([8, 8]);

    // when
    for (let version = 1; version <= 30; version++)
      await appendAndCommit(
        db,
        Array.from({ length: 20 }, (_, key) => outboxMessage(topic.name, `k${key}`, version)),
      );
    const pending = async () => (await db.query({ text: "select from outbox where status = 'PENDING'" })).rowCount;
    await expect.poll(pending, { timeout: 60_000 }).toBe(0);
    for (const relay of relays) relay.kill("SIGTERM");
    const reports = await Promise.all(relays.map(({ answer }) => answer));

    // then
    expect(reports.map((report) => report?.sent).every((sent) => sent !== undefined && sent > 0)).toBe(true);
    expect(reports.reduce((sum, report) => sum + (report?.sent ?? 0), 0)).toBe(600);
    const versions = new Map<string, number[]>();
    for (const { value } of await readTopic(topic.brokers, topic.name, 3)) {
      const { id, version } = JSON.parse(Buffer.from(value ?? []).toString());
      versions.set(id, [...(versions.get(id) ?? []), version]);
    }
    expect(versions.size).toBe(20);
    for (const found of versions.values()) expect(found).toEqual(Array.from({ length: 30 }, (_, at) => at + 1));
  },
);
