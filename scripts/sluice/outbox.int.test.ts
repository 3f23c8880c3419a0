import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { commandRetentionMs } from "../../shared/catalogue/commands/command-retention.ts";
import { uuidV7 } from "../../shared/messaging/uuid-v7.ts";
import { acquireLeases } from "../../shared/outbox/acquire-leases.ts";
import type { OutboxMessage } from "../../shared/outbox/outbox-message.ts";
import { appendAndCommit } from "../../shared/testing/append-and-commit.ts";
import { outboxMessage } from "../../shared/testing/outbox-messages.ts";
import { readTopic } from "../../shared/testing/read-topic.ts";
import { openOperatedSystem } from "./testing/operated-system.ts";

let system: Awaited<ReturnType<typeof openOperatedSystem>>;
beforeEach(async () => {
  system = await openOperatedSystem(["outbox", "outbox_lease", "pause"]);
});
afterEach(() => system?.close());

/** Rows of a key, of which the first is parked. Answers its number. */
const park = async (key: string, changed: Partial<OutboxMessage> = {}): Promise<number> => {
  const { db, topic, rows } = system;
  await appendAndCommit(db, [
    outboxMessage(topic.name, key, 1, changed),
    outboxMessage(topic.name, key, 2),
    outboxMessage(topic.name, key, 3),
  ]);
  const [row] = await rows(
    `update outbox set status = 'PARKED', attempts = 1, last_error = 'too large'
     where id = (select min(id) from outbox where partition_key = $1) returning id`,
    key,
  );
  return (row as { id: number }).id;
};

const statuses = (key: string) =>
  system.rows("select status, reason from outbox where partition_key = $1 order by id", key);

/** Of the records in the topic, in order. */
const sentVersions = async (key: string): Promise<readonly number[]> => {
  const records = await readTopic(system.topic.brokers, system.topic.name, 2);
  const ofKey = records.filter((record) => String(record.key) === key);
  return ofKey.map(({ value }) => JSON.parse(String(value)).version);
};

describe("outbox status", () => {
  test("tells what waits, since when, what is parked, how fast it goes, and who holds what until when", async () => {
    // given
    const { db, rows, run } = system;
    await park("a");
    await rows(
      "update outbox set created_at = created_at - interval '90 s' where id = (select min(id) from outbox where status = 'PENDING')",
    );
    await appendAndCommit(db, [outboxMessage(system.topic.name, "b")]);
    await rows("update outbox set status = 'SENT', sent_at = now() where partition_key = 'b'");
    const [live, dead] = [randomUUID(), randomUUID()];
    await acquireLeases(db, live, 1, 60_000);
    await acquireLeases(db, dead, 1, -5_000);

    // when
    const { code, stdout } = await run("outbox status --json");
    const people = await run("outbox status");

    // then
    const status = JSON.parse(stdout);
    expect({ code, people: people.code }).toEqual({ code: 0, people: 0 });
    expect(status).toMatchObject({ pending: 2, parked: 1, sentPerSecond: 1 / 60, paused: null });
    expect(status.oldestPendingSeconds).toBeGreaterThanOrEqual(90);
    expect(status.oldestPendingSeconds).toBeLessThan(150);
    expect(status.shards).toHaveLength(16);
    expect(status.shards[0]).toMatchObject({ shard: 0, owner: live, epoch: 1, expiresInMs: expect.any(Number) });
    expect(status.shards[0].expiresInMs).toBeGreaterThan(30_000);
    expect(status.shards[1]).toMatchObject({ owner: dead, epoch: 1 });
    expect(status.shards[1].expiresInMs).toBeLessThan(0);
    expect(status.shards[2]).toEqual({ shard: 2, owner: null, epoch: 0, expiresInMs: null });
    expect(people.stdout).toMatch(
      /^PENDING {2}OLDEST {2}SENT\/S {2}PARKED {2}PAUSED\n2 +(1m 3\ds|1m 4\ds) +0\.0 +1 +no\n/,
    );
    expect(people.stdout).toMatch(new RegExp(`\n1 +${dead} +1 +expired\n`));
  });
});

describe.each(["outbox flush", "process_outbox"])("%s", (words) => {
  test("sends all that is pending, and says so in the audit", async () => {
    const { db, topic, run, rows, audit } = system;
    await appendAndCommit(
      db,
      [1, 2, 3].map((version) => outboxMessage(topic.name, "a", version)),
    );

    const { code, stdout } = await run(`${words} --json`);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ mode: "drain", ended: "drained", sent: 3, parked: 0, failed: 0 });
    expect(await rows("select status, count(*) from outbox group by 1")).toEqual([{ status: "SENT", count: 3 }]);
    expect(await sentVersions("a")).toEqual([1, 2, 3]);
    const about = { actor: "ann", operation: words, target: "outbox-publisher" };
    expect(await audit()).toMatchObject([
      { ...about, outcome: "started", before: { pending: 3 } },
      { ...about, outcome: "done", before: { pending: 3 }, after: { pending: 0, report: { sent: 3 } } },
    ]);
  });

  test("is refused while the outbox is paused, and nothing is sent", async () => {
    const { db, topic, run, rows, audit } = system;
    await appendAndCommit(db, [outboxMessage(topic.name, "a")]);
    await rows("insert into pause (function, actor, reason) values ('outbox-publisher', 'bob', 'a bad release')");

    const { code, stderr } = await run(words);

    expect(code).toBe(3);
    expect(stderr).toMatch(/paused by bob at .*: a bad release\n {2}`sluice outbox resume`/);
    expect(await rows("select status from outbox")).toEqual([{ status: "PENDING" }]);
    expect((await audit()).map(({ outcome }) => outcome)).toEqual(["started", "refused"]);
  });

  test("fails where there is no database", async () => {
    const { code, stderr } = await system.run(words, { DATABASE_URL: "postgres://127.0.0.1:1/none" });

    expect(code).toBe(1);
    expect(stderr).toContain("is PostgreSQL up?");
  });
});

test("outbox parked lists the rows, why, and how many wait behind each", async () => {
  const id = await park("a");
  const first = await park("b");
  const other = first + 1; // the first is sent again, the second waits for its word
  await system.rows(
    "update outbox set status = case id when $1::bigint then 'PENDING' else 'PARKED' end where id in ($1::bigint, $1::bigint + 1)",
    first,
  );

  const { code, stdout } = await system.run("outbox parked --json");

  expect(code).toBe(0);
  const row = { topic: system.topic.name, type: "thing.updated" };
  expect(JSON.parse(stdout)).toMatchObject([
    { id, partitionKey: "a", ...row, attempts: 1, lastError: "too large", waiting: 2 },
    { id: other, partitionKey: "b", ...row, attempts: 0, lastError: null, waiting: 1 },
  ]);
  expect((await system.run("outbox parked --limit 1")).stdout.trim().split("\n")).toHaveLength(2);
});

describe.each([
  ["unpark", "PENDING", [1, 2, 3]],
  ["skip", "SKIPPED", [2, 3]],
] as const)("outbox %s", (verb, status, sent) => {
  test.each(["", "--dry-run"])("changes nothing unless told to execute: %s", async (flag) => {
    const id = await park("a");
    const before = await system.snapshot();

    const { code, stdout } = await system.run(`outbox ${verb} ${id} --reason 'limit raised' ${flag}`);

    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`PARKED +${status} +limit raised\ndry run: nothing was changed`));
    expect(await system.snapshot()).toEqual(before);
  });

  test.each(["number", "event id"])(
    "executed by its %s: the row, the audit, and those behind it go on",
    async (name) => {
      // given
      const eventId = uuidV7();
      const number = await park("a", { eventId });
      const id = name === "number" ? number : eventId;

      // when
      const { code, stdout } = await system.run(`outbox ${verb} ${id} --reason 'limit raised' --execute --json`);

      // then
      expect(code).toBe(0);
      const change = { before: { status: "PARKED" }, after: { status, reason: "limit raised" } };
      expect(JSON.parse(stdout)).toMatchObject({ verb, row: { id: number, waiting: 2 }, ...change, executed: true });
      expect((await statuses("a"))[0]).toEqual(change.after);
      expect(await system.audit()).toMatchObject([
        {
          ...{ actor: "ann", operation: `outbox ${verb}`, target: String(id), outcome: "done", reason: "limit raised" },
          before: { id: number, eventId, lastError: "too large", ...change.before },
          after: { id: number, ...change.after },
        },
      ]);
      expect((await system.run("outbox flush")).code).toBe(0);
      expect(await sentVersions("a")).toEqual(sent);
    },
  );

  test("a row that is not parked is refused, and the audit says so", async () => {
    const id = (await park("a")) + 1;

    const dry = await system.run(`outbox ${verb} ${id} --reason x`);
    expect({ code: dry.code, audit: await system.audit() }).toEqual({ code: 3, audit: [] });

    const { code, stderr } = await system.run(`outbox ${verb} ${id} --reason x --execute`);

    expect(code).toBe(3);
    expect(stderr).toContain(`no parked row has the id ${id}\n  \`sluice outbox parked\` lists`);
    expect((await statuses("a"))[1]).toEqual({ status: "PENDING", reason: null });
    expect(await system.audit()).toMatchObject([{ outcome: "refused", fault: expect.stringMatching(/^not-parked: /) }]);
  });
});

test("a command older than its consumer takes is not unparked, with the consumer's reason; it may be skipped", async () => {
  // given
  const made = Date.now() - commandRetentionMs - 60_000;
  const id = await park("a", { eventId: uuidV7(() => made), type: "product.reserve-stock" });
  const young = await park("b", { eventId: uuidV7(() => made + 120_000), type: "product.reserve-stock" });
  const event = await park("c", { eventId: uuidV7(() => made) });

  // when
  const dry = await system.run(`outbox unpark ${id} --reason x`);
  const executed = await system.run(`outbox unpark ${id} --reason x --execute`);

  // then
  expect({ dry: dry.code, executed: executed.code }).toEqual({ dry: 3, executed: 3 });
  expect(executed.stderr).toMatch(
    /the command is \d+ ms old; the inbox knows the last \d+ ms only\n {2}whether it was done/,
  );
  expect((await statuses("a"))[0]).toEqual({ status: "PARKED", reason: null });
  expect(await system.audit()).toMatchObject([{ outcome: "refused", fault: expect.stringMatching(/^too-old: /) }]);
  expect((await system.run(`outbox unpark ${young} --reason x --execute`)).code).toBe(0);
  expect((await system.run(`outbox unpark ${event} --reason x --execute`)).code).toBe(0);
  expect((await system.run(`outbox skip ${id} --reason x --execute`)).code).toBe(0);
});

test.each([
  ["no reason", "7"],
  ["an empty reason", "7 --reason ''"],
  ["both flags", "7 --reason x --execute --dry-run"],
  ["no id", "--reason x"],
  ["a word for an id", "seven --reason x"],
  ["a word for an id, executed", "seven --reason x --execute"],
])("%s is a usage fault", async (_what, rest) => {
  const { code, stderr } = await system.run(`outbox skip ${rest}`);

  expect(code).toBe(2);
  expect(stderr).toMatch(/^sluice: .+\n/);
  expect(await system.audit()).toEqual([]);
});
