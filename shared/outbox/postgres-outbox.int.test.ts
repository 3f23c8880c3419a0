import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { uuidV7 } from "../messaging/uuid-v7.ts";
import { connect } from "../postgres/connect.ts";
import type { Database } from "../postgres/queryable.ts";
import { appendAndCommit } from "../testing/append-and-commit.ts";
import { createDatabase, type TestDatabase } from "../testing/database.ts";
import { outboxMessage } from "../testing/outbox-messages.ts";
import { appendToOutbox } from "./append-to-outbox.ts";
import { outboxStatus } from "./outbox-status.ts";
import type { ClaimRequest, HeldShards, OutboxStore } from "./outbox-store.ts";
import { postgresOutbox } from "./postgres-outbox.ts";
import { skip } from "./skip.ts";
import { unpark } from "./unpark.ts";

let database: TestDatabase;
let db: Database;
let store: OutboxStore;
beforeEach(async () => {
  database = await createDatabase();
  db = connect({ url: database.url });
  store = postgresOutbox(db, { source: "urn:test" });
});
afterEach(async () => {
  await db.end();
  await database.drop();
});

const shards = Array.from({ length: 16 }, (_, shard) => shard);
const claim = async (changed: Partial<ClaimRequest> = {}) => {
  const everything = { shards, inFlight: [], heldTopics: [], heldKeys: [], maxRows: 100, maxBytes: 1_000_000 };
  return store.claimBatch({ ...everything, ...changed });
};
const write = async (...messages: ReturnType<typeof outboxMessage>[]): Promise<number[]> => {
  await appendAndCommit(db, messages);
  const { rows } = await db.query<{ id: number }>({ text: "select id from outbox order by id" });
  return rows.slice(-messages.length).map(({ id }) => id);
};
const statuses = async () => {
  const { rows } = await db.query<{ status: string }>({ text: "select status from outbox order by id" });
  return rows.map(({ status }) => status);
};
/** A drainer that holds all shards. */
const drainerWithAll = async (): Promise<{ drainer: string; held: HeldShards }> => {
  const drainer = uuidV7();
  await store.renewLeases(drainer, 60_000);
  return { drainer, held: await store.acquireLeases(drainer, 16, 60_000) };
};
/** As if their time had passed. */
const runOut = () =>
  db.query({
    text: `with drainers as (update outbox_drainer set expires_at = clock_timestamp())
      update outbox_lease set expires_at = clock_timestamp() where owner is not null`,
  });

describe("a claim", () => {
  test("reads the oldest rows first, as records with their envelope, up to a number of rows", async () => {
    const first = outboxMessage("t", "a", 7, { trace: { correlationId: "c" } });
    const ids = await write(first, outboxMessage("t", "b"), outboxMessage("u", "a"));

    const batch = await claim({ maxRows: 2 });

    expect(batch.ids).toEqual(ids.slice(0, 2));
    expect(batch.records[0]).toMatchObject({ topic: "t", key: "a", value: first.payload });
    expect(Object.fromEntries(batch.records[0]?.headers ?? [])).toMatchObject({
      ce_id: first.eventId,
      ce_source: "urn:test",
      ce_sequence: "7",
      ce_subject: "a",
      ce_correlationid: "c",
    });
  });

  test("is bounded in bytes; a row that is larger than the bound goes alone", async () => {
    const sizes = [400_000, 400_000, 400_000, 900_000, 10];
    const ids = await write(...sizes.map((padding) => outboxMessage("t", "a", 1, { padding })));

    const batches = [];
    for (let left = ids.length, inFlight: number[] = []; left > 0; left = ids.length - inFlight.length) {
      const batch = await claim({ inFlight, maxBytes: 800_000 });
      batches.push(batch.ids);
      inFlight = [...inFlight, ...batch.ids];
    }

    expect(batches).toEqual([[ids[0], ids[1]], [ids[2], ids[3]], [ids[4]]]);
  });

  test("reads the shards that it is asked for alone", async () => {
    await write(...Array.from({ length: 64 }, (_, at) => outboxMessage("t", `k${at}`)));
    const halves = await Promise.all([claim({ shards: shards.slice(0, 8) }), claim({ shards: shards.slice(8) })]);
    expect(halves.flatMap(({ ids }) => ids).toSorted((a, b) => a - b)).toEqual((await claim()).ids);
    expect(Math.min(...halves.map(({ ids }) => ids.length))).toBeGreaterThan(0);
    expect((await claim({ shards: [] })).ids).toEqual([]);
  });

  test.each([
    ["below all that was read", []],
    ["between two that were read", ["a"]],
  ])("finds a row that committed late, with an id %s", async (_, before) => {
    // given: a transaction that has its id and has not committed
    await write(...["0", ...before].map((key) => outboxMessage("t", key)));
    const { promise: committed, resolve: commit } = Promise.withResolvers<void>();
    const { promise: written, resolve: wrote } = Promise.withResolvers<void>();
    const slow = db.transaction(async (tx) => {
      appendToOutbox(tx, [outboxMessage("t", "slow")]);
      await tx.query({ text: "select" }); // goes out with it, and is answered after it
      wrote();
      await committed;
    });
    await written;
    await write(outboxMessage("t", "b"), outboxMessage("t", "c"));
    const read = (await claim()).ids.slice(1); // the first is not in flight, so that it has to be found again

    // when
    commit();
    await slow;

    // then
    const after = await claim({ inFlight: read });
    expect(after.records.map(({ key }) => key)).toEqual(["0", "slow"]);
    expect(after.ids[1]).toBeLessThan(Math.max(...read));
  });

  test("leaves out topics and keys that are held back, and these alone", async () => {
    await write(outboxMessage("t", "a"), outboxMessage("t", "b"), outboxMessage("u", "a"), outboxMessage("v", "a"));
    const batch = await claim({ heldTopics: ["v"], heldKeys: [{ topic: "t", key: "a" }] });
    expect(batch.records.map(({ topic, key }) => `${topic}/${key}`)).toEqual(["t/b", "u/a"]);
  });
});

describe("parked rows", () => {
  test("hold back the later rows of their key, not the earlier ones, until they are unparked or skipped", async () => {
    // given
    const [first, second, third] = await write(
      ...[1, 2, 3].map((version) => outboxMessage("t", "a", version)),
      outboxMessage("u", "a"),
    );
    const { drainer, held } = await drainerWithAll();
    const parked = await store.park(drainer, held, [{ id: second as number, reason: "2,000,000 bytes" }]);
    expect(parked).toBe(1);
    const versions = async () => (await claim()).ids;
    const other = (await claim()).ids.at(-1);

    // then
    expect(await versions()).toEqual([first, other]);
    const { rows } = await db.query({ text: "select attempts, last_error from outbox where status = 'PARKED'" });
    expect(rows).toEqual([{ attempts: 1, last_error: "2,000,000 bytes" }]);

    // when
    expect(await unpark(db, [first, second] as number[], "the topic takes more now")).toEqual([second]);
    expect(await versions()).toEqual([first, second, third, other]);
    await store.park(drainer, held, [{ id: second as number, reason: "still" }]);
    expect(await skip(db, [second, third] as number[], "of no use")).toEqual([second]);

    // then
    expect(await versions()).toEqual([first, third, other]);
    expect(await statuses()).toEqual(["PENDING", "SKIPPED", "PENDING", "PENDING"]);
    const { rows: reasons } = await db.query({ text: "select reason from outbox where status = 'SKIPPED'" });
    expect(reasons).toEqual([{ reason: "of no use" }]);
    expect(await unpark(db, [second as number], "too late")).toEqual([]);
  });

  test("two of one key are unparked one by one, in order", async () => {
    const ids = (await write(...[1, 2, 3].map((version) => outboxMessage("t", "a", version)))) as [
      number,
      number,
      number,
    ];
    const { drainer, held } = await drainerWithAll();
    await store.park(
      drainer,
      held,
      [ids[0], ids[1]].map((id) => ({ id, reason: "large" })),
    );
    expect((await claim()).ids).toEqual([]);
    await unpark(db, [ids[0]], "why");
    expect((await claim()).ids).toEqual([ids[0]]);
  });
});

describe("what a drainer writes", () => {
  test("is done only while it holds the shards, in the epoch that it names", async () => {
    // given
    const ids = await write(...Array.from({ length: 40 }, (_, at) => outboxMessage("t", `k${at}`)));
    const { drainer, held } = await drainerWithAll();
    const stale = new Map([...held].map(([shard, epoch]) => [shard, epoch - 1]));
    const rows = ids.map((id) => ({ id, reason: "no" }));

    // then: not another's, not of an epoch that is over, not without a lease
    expect(await store.markSent(uuidV7(), held, ids)).toBe(0);
    expect(await store.markSent(drainer, stale, ids)).toBe(0);
    expect(await store.markSent(drainer, new Map(), ids)).toBe(0);
    expect(await store.park(uuidV7(), held, rows)).toBe(0);
    expect(await store.park(drainer, stale, rows)).toBe(0);
    expect(new Set(await statuses())).toEqual(new Set(["PENDING"]));

    // and of some shards only, only their rows
    await store.releaseLeases(drainer, shards.slice(0, 8));
    const marked = await store.markSent(drainer, held, ids);
    expect(marked).toBeGreaterThan(0);
    expect(marked).toBeLessThan(40);
    expect((await statuses()).filter((status) => status === "SENT")).toHaveLength(marked);
  });

  test("is refused when the lease has run out, though nobody has taken it", async () => {
    const ids = await write(outboxMessage("t", "a"));
    const { drainer, held } = await drainerWithAll();
    await runOut();
    expect(await store.markSent(drainer, held, ids)).toBe(0);
    expect((await store.renewLeases(drainer, 60_000)).held.size, "nor can it be prolonged").toBe(0);
  });

  test("is not done twice", async () => {
    const ids = await write(outboxMessage("t", "a"), outboxMessage("t", "b"));
    const { drainer, held } = await drainerWithAll();
    expect(await store.markSent(drainer, held, ids)).toBe(2);
    expect(await store.markSent(drainer, held, ids)).toBe(0);
    expect((await claim()).ids).toEqual([]);
  });
});

describe("leases", () => {
  test("drainers know of each other, take free shards only, each in a new epoch, and give them back", async () => {
    // given
    const [one, other] = [uuidV7(), uuidV7()];
    expect(await store.renewLeases(one, 60_000)).toEqual({ held: new Map(), drainers: 1, shards: 16, free: 16 });
    expect(await store.renewLeases(other, 60_000)).toMatchObject({ drainers: 2 });

    // when
    const mine = await store.acquireLeases(one, 8, 60_000);
    const theirs = await store.acquireLeases(other, 16, 60_000);

    // then
    expect([mine.size, theirs.size]).toEqual([8, 8]);
    expect([...mine.keys(), ...theirs.keys()].toSorted((a, b) => a - b)).toEqual(shards);
    expect(new Set([...mine.values(), ...theirs.values()])).toEqual(new Set([1]));

    // and when one retires, the other takes all, in later epochs
    await store.retire(one);
    expect(await store.renewLeases(other, 60_000)).toMatchObject({ drainers: 1, free: 8, held: theirs });
    const taken = await store.acquireLeases(other, 16, 60_000);
    expect([...taken.values()]).toEqual(Array.from({ length: 8 }, () => 2));
  });

  test("those of a dead drainer are free after their expiry", async () => {
    await drainerWithAll();
    const other = uuidV7();
    expect(await store.renewLeases(other, 60_000)).toMatchObject({ drainers: 2, free: 0 });
    expect((await store.acquireLeases(other, 16, 60_000)).size).toBe(0);
    await runOut();
    expect(await store.renewLeases(other, 60_000)).toMatchObject({ drainers: 1, free: 16 });
  });

  test("drainers that take at the same moment take different shards", async () => {
    const drainers = Array.from({ length: 4 }, () => uuidV7());
    await Promise.all(drainers.map((drainer) => store.renewLeases(drainer, 60_000)));
    const taken = await Promise.all(drainers.map((drainer) => store.acquireLeases(drainer, 4, 60_000)));
    const all = taken.flatMap((held) => [...held.keys()]);
    expect(new Set(all).size).toBe(all.length);
  });
});

test("the newest row that others have to send is known, without rows that wait behind a parked one", async () => {
  const ids = await write(...Array.from({ length: 32 }, (_, at) => outboxMessage("t", `k${at}`)));
  expect(await store.newestPendingElsewhere(shards, Number.MAX_SAFE_INTEGER)).toBeUndefined();
  expect(await store.newestPendingElsewhere([], Number.MAX_SAFE_INTEGER)).toBe(ids.at(-1));
  expect(await store.newestPendingElsewhere([], ids[3] as number)).toBe(ids[3]);
  const { drainer, held } = await drainerWithAll();
  const [behind] = await write(outboxMessage("t", "k31", 2));
  await store.park(drainer, held, [{ id: ids[31] as number, reason: "large" }]);
  expect(await store.newestPendingElsewhere([], behind as number)).toBe(ids[30]);
});

test("the status counts what waits and how long it has waited", async () => {
  expect(await outboxStatus(db)).toEqual({ pending: 0, oldestPendingAgeMs: 0, parked: 0 });
  const ids = await write(outboxMessage("t", "a"), outboxMessage("t", "b"), outboxMessage("t", "c"));
  await db.query({
    text: "update outbox set created_at = now() - interval '90 seconds' where id = $1",
    values: [ids[0]],
  });
  const { drainer, held } = await drainerWithAll();
  await store.park(drainer, held, [{ id: ids[2] as number, reason: "large" }]);
  const status = await outboxStatus(db);
  expect(status).toMatchObject({ pending: 2, parked: 1 });
  expect(status.oldestPendingAgeMs).toBeGreaterThanOrEqual(90_000);
  expect(status.oldestPendingAgeMs).toBeLessThan(150_000);
});
