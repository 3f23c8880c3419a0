import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLog } from "../observability/logger.ts";
import { connect } from "../postgres/connect.ts";
import type { Database } from "../postgres/queryable.ts";
import { appendAndCommit } from "../testing/append-and-commit.ts";
import { createDatabase, type TestDatabase } from "../testing/database.ts";
import { outboxMessage } from "../testing/outbox-messages.ts";
import { appendToOutbox } from "./append-to-outbox.ts";
import { dropOldPartitions } from "./drop-old-partitions.ts";
import { hourlyPartitionUpkeep } from "./partition-upkeep.ts";
import { ensureDayPartitions, missingPartitions } from "./partitions.ts";
import { postgresOutbox } from "./postgres-outbox.ts";

let database: TestDatabase;
let db: Database;
beforeEach(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 8 });
  await ensureDayPartitions(db); // the template may have been made on another day
});
afterEach(async () => {
  await db.end();
  await database.drop();
});

/** The day so many days from today, as the database has it. */
const dayFromToday = async (days: number): Promise<string> => {
  const { rows } = await db.query<{ day: string }>({
    text: "select to_char((now() at time zone 'UTC')::date + $1::integer, 'YYYY-MM-DD') as day",
    values: [days],
  });
  return rows[0]?.day as string;
};
const leafOf = (day: string): string => `outbox_${day.replaceAll("-", "")}`;
const leaves = async (): Promise<string[]> => {
  const { rows } = await db.query<{ leaf: string }>({
    text: "select inhrelid::regclass::text as leaf from pg_inherits where inhparent = 'outbox'::regclass order by 1",
  });
  return rows.map(({ leaf }) => leaf);
};
const detachDay = async (day: string): Promise<void> => {
  await db.query({ text: `alter table outbox detach partition ${leafOf(day)}` });
  await db.query({ text: `drop table ${leafOf(day)}` });
};
/** Rows written as if on that day, with these statuses. */
const writeOn = async (day: string, ...statuses: string[]): Promise<void> => {
  for (const status of statuses) {
    const { eventId, payload } = outboxMessage("t", "a");
    await db.query({
      text: `insert into outbox (created_at, event_id, topic, partition_key, aggregate_type, aggregate_id, type, dataschema, payload, status)
        values (($1::date + time '12:00') at time zone 'UTC', $2, 't', 'a', 'thing', 'a', 'x', 'y', $3, $4)`,
      values: [day, eventId, payload, status],
    });
  }
};
const rowsIn = async (table: string) => {
  const { rows } = await db.query<{ id: number; status: string; day: string }>({
    text: `select id, status, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD') as day from ${table} order by id`,
  });
  return rows;
};

describe("making partitions", () => {
  test("makes today's and those of seven days ahead, once, however many do it at the same time", async () => {
    // given
    const days = await Promise.all([0, 3, 7].map(dayFromToday));
    for (const day of days) await detachDay(day);
    expect(await missingPartitions(db)).toEqual(days);

    // when
    const made = await Promise.all([ensureDayPartitions(db), ensureDayPartitions(db), ensureDayPartitions(db)]);

    // then
    expect(made.flat().toSorted()).toEqual(days);
    expect(await missingPartitions(db)).toEqual([]);
    expect(await ensureDayPartitions(db)).toEqual([]);
    expect(await leaves()).toHaveLength(9);
  });

  test("a row goes to its day's partition; without one to the default, and from there to the partition when it is made", async () => {
    // given
    const today = await dayFromToday(0);
    await detachDay(today);
    await appendAndCommit(db, [outboxMessage("t", "a", 1), outboxMessage("t", "a", 2)]);
    await writeOn(await dayFromToday(-40), "PENDING");
    const before = await rowsIn("outbox");
    expect(await rowsIn("outbox_default")).toHaveLength(3);

    // when
    await ensureDayPartitions(db);
    await appendAndCommit(db, [outboxMessage("t", "a", 3)]);

    // then
    expect((await rowsIn("outbox")).slice(0, 3), "ids and all the rest are as before").toEqual(before);
    expect(await rowsIn(leafOf(today))).toHaveLength(3);
    expect(await rowsIn("outbox_default")).toHaveLength(1);
    const request = { inFlight: [], heldTopics: [], heldKeys: [], maxRows: 10, maxBytes: 1e6 };
    const shards = Array.from({ length: 16 }, (_, shard) => shard);
    const claimed = await postgresOutbox(db, { source: "s" }).claimBatch({ ...request, shards });
    expect(claimed.ids).toEqual((await rowsIn("outbox")).map(({ id }) => id));
  });

  test("each partition has eager vacuum settings and the indexes of the table", async () => {
    const { rows } = await db.query({
      text: `select c.relname, c.reloptions, (select count(*) from pg_index where indrelid = c.oid) as indexes
        from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'outbox'::regclass`,
    });
    expect(rows).toHaveLength(9);
    for (const row of rows) {
      expect(row["reloptions"]).toEqual(expect.arrayContaining(["autovacuum_vacuum_scale_factor=0"]));
      expect(row["indexes"]).toBe(2);
    }
  });

  test("gives up soon when a lock is not to be had, and is done when it is", async () => {
    // given: somebody who has a row in the default partition uncommitted
    const today = await dayFromToday(0);
    await detachDay(today);
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const holder = db.transaction(async (tx) => {
      appendToOutbox(tx, [outboxMessage("t", "a")]);
      await tx.query({ text: "select" }); // goes out with it, and is answered after it
      begin();
      await over;
    });
    await begun;

    // then
    await expect(ensureDayPartitions(db)).rejects.toMatchObject({ code: "postgres-conflict", canRetry: true });
    end();
    await holder;
    expect(await ensureDayPartitions(db)).toEqual([today]);
    expect(await rowsIn(leafOf(today))).toHaveLength(1);
  });
});

describe("dropping old partitions", () => {
  const oldDay = async (days: number): Promise<string> => {
    const day = await dayFromToday(-days);
    await db.query({ text: "select outbox_add_day($1)", values: [day] });
    return day;
  };

  test("drops what is final and keeps every pending and parked row, whoever does it at the same time", async () => {
    // given
    const [older, old, young] = [await oldDay(20), await oldDay(8), await oldDay(7)];
    for (const day of [older, old, young]) await writeOn(day, "SENT", "PENDING", "SKIPPED", "PARKED", "SENT");
    await writeOn(await dayFromToday(-30), "SENT", "PENDING"); // of the default partition
    const kept = (await rowsIn("outbox")).filter(({ status, day }) => day === young || /^P/.test(status));

    // when
    const reports = await Promise.all([dropOldPartitions(db, 7), dropOldPartitions(db, 7)]);

    // then
    expect(reports.flatMap(({ dropped }) => dropped).toSorted()).toEqual([leafOf(older), leafOf(old)]);
    expect(reports.reduce((sum, { moved }) => sum + moved, 0)).toBe(4);
    expect(await rowsIn("outbox")).toEqual(kept);
    expect(await leaves()).not.toContain(leafOf(old));
    expect(await leaves()).toContain(leafOf(young));
    const { rows } = await db.query({ text: "select to_regclass($1) as gone", values: [leafOf(old)] });
    expect(rows).toEqual([{ gone: null }]);
  });

  test("keeps a partition with more rows to move than may be moved under a lock", async () => {
    const day = await oldDay(9);
    await writeOn(day, "PENDING", "PARKED", "PENDING");
    expect(await dropOldPartitions(db, 7, 2)).toEqual({ dropped: [], kept: [leafOf(day)], moved: 0 });
    expect(await rowsIn(leafOf(day))).toHaveLength(3);
    expect(await dropOldPartitions(db, 7, 3)).toEqual({ dropped: [leafOf(day)], kept: [], moved: 3 });
  });
});

describe("the hourly upkeep", () => {
  test("is done at the first call and an hour after, and never throws", async () => {
    // given
    let now = 1_000_000;
    const warnings: string[] = [];
    const log = { ...silentLog, warn: (message: string) => warnings.push(message) };
    const upkeep = hourlyPartitionUpkeep({ db, retentionDays: 7, clock: () => now, log });
    const lastDay = await dayFromToday(7);

    // when
    await upkeep();
    await detachDay(lastDay);
    now += 59 * 60_000;
    await upkeep();

    // then
    expect(await missingPartitions(db)).toEqual([lastDay]);
    now += 60_000;
    await upkeep();
    expect(await missingPartitions(db)).toEqual([]);

    // and a failure is told, and tried again at the next call
    const broken = { ...db, query: () => Promise.reject(new Error("away")) };
    const failing = hourlyPartitionUpkeep({ db: broken, retentionDays: 7, clock: () => now, log });
    await failing();
    await failing();
    expect(warnings).toHaveLength(2);
  });
});
