import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { InboundRecord } from "../messaging/record.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import { uuidV7 } from "../messaging/uuid-v7.ts";
import { silentLog } from "../observability/logger.ts";
import { sqlState } from "../postgres/fault.ts";
import type { Transaction } from "../postgres/queryable.ts";
import { eventually } from "../testing/eventually.ts";
import { keepingPublisher, reasonOf } from "../testing/keeping-publisher.ts";
import type { CommandHandler } from "./command-handler.ts";
import { addAll, addOf, consumerOf, createTallies, recordOf, type Tallies } from "./testing/tallies.ts";

let tallies: Tallies;
beforeAll(async () => {
  tallies = await createTallies();
});
afterAll(() => tallies?.[Symbol.asyncDispose]());

const placeOf = ({ partition, offset }: InboundRecord) => `${partition}:${offset}`;

/** Keeps the SQLSTATEs of the faults that a handler met. */
const noting = (handle: CommandHandler) => {
  const met: (string | undefined)[] = [];
  const noted: CommandHandler = (tx, commands) =>
    handle(tx, commands).catch((fault: unknown) => {
      met.push(sqlState(fault));
      throw fault;
    });
  return { met, noted };
};

const touch = (tx: Transaction, id: string) =>
  tx.query({ text: "update tally set total = total + 0 where id = $1", values: [id] });

test("two partitions that deadlock are both done: PostgreSQL ends one, and that one is tried again", async () => {
  // given
  const [one, other] = [uuidV7(), uuidV7()];
  await consumerOf(tallies)([recordOf({ id: one, amount: 1 }), recordOf({ id: other, amount: 1 })]);
  const both = Promise.withResolvers<void>();
  let first = 0;
  const { met, noted } = noting(async (tx, commands) => {
    const [mine, next] = addOf(commands[0] as never).id === one ? [one, other] : [other, one];
    await touch(tx, mine);
    if (++first === 2) both.resolve();
    await both.promise; // each holds its row by now
    await touch(tx, next);
    return addAll(tx, commands);
  });

  // when
  const report = await consumerOf(tallies, { handle: noted })([
    recordOf({ id: one, amount: 1 }, { partition: 1 }),
    recordOf({ id: other, amount: 1 }, { partition: 2 }),
  ]);

  // then
  expect(met).toEqual(["40P01"]);
  expect(report).toMatchObject({ applied: 2, duplicate: 0, deadLettered: 0, givenBack: [] });
  expect(await tallies.totals(one, other)).toEqual([2, 2]);
});

test("a serialization failure is tried again, after a wait by chance that grows", async () => {
  // given
  const id = uuidV7();
  await consumerOf(tallies)([recordOf({ id, amount: 1 })]);
  const waits: number[] = [];
  let faults = 0;
  const { met, noted } = noting(async (tx, commands) => {
    if (faults++ === 2) return addAll(tx, commands);
    // Reads in a snapshot, and then meets a row that another has changed since.
    await tx.query({ text: "commit" });
    await tx.query({ text: "begin isolation level repeatable read" });
    await tx.query({ text: "select total from tally where id = $1", values: [id] });
    await tallies.db.query({ text: "update tally set total = total + 10 where id = $1", values: [id] });
    return addAll(tx, commands);
  });
  // The two commits above would leave the inbox row of a try that failed: it is taken away, as a rollback does.
  const handle: CommandHandler = (tx, commands) =>
    noted(tx, commands).catch(async (fault: unknown) => {
      await tallies.db.query({
        text: "delete from inbox where event_id = any ($1::uuid[])",
        values: [commands.map(({ event }) => event.id)],
      });
      throw fault;
    });

  // when
  const wait = async (milliseconds: number) => {
    waits.push(milliseconds);
  };
  const report = await consumerOf(tallies, { handle, wait, random: () => 0.5 })([recordOf({ id, amount: 1 })]);

  // then
  expect(met).toEqual(["40001", "40001"]);
  expect(report).toMatchObject({ applied: 1, givenBack: [] });
  expect(waits).toEqual([50, 100]);
  expect(await tallies.totals(id)).toEqual([22]);
});

/** Three partitions of six commands; the fourth of partition 1 meets a fault that a later try may not, and 1 and 2 hold poison. */
const scenario = () => {
  const ids = [uuidV7(), uuidV7(), uuidV7()] as const;
  const records = ids.flatMap((id, partition) =>
    [1, 2, 3, 4, 5, 6].map((amount) => recordOf({ id, amount }, { partition, offset: BigInt(amount) })),
  );
  const poison = (partition: number, offset: bigint) =>
    recordOf({ id: uuidV7(), amount: 1 }, { partition, offset, value: new Uint8Array([0x7b]) });
  const batch = [...records, poison(1, 9n), poison(2, 9n)];
  let [tries, closed] = [0, true];
  const handle: CommandHandler = async (tx, commands) => {
    if (closed && commands.map(addOf).some(({ id, amount }) => id === ids[1] && amount === 4)) {
      tries++;
      throw new SluiceError("closed-today", "come again", { canRetry: true });
    }
    return addAll(tx, commands);
  };
  const open = () => {
    closed = false;
  };
  return { ids, batch, handle, open, tries: () => tries };
};

test("a command that fails retriably is given back with all that follows in its partition, and the rest is done with", async () => {
  // given
  const { ids, batch, handle, open, tries } = scenario();
  const publisher = keepingPublisher();
  const consume = consumerOf(tallies, { handle, publisher, commandsPerTransaction: 5 });

  // when
  const report = await consume(batch);

  // then
  expect(report.givenBack.map(placeOf)).toEqual(["1:4", "1:5", "1:6", "1:9"]);
  expect(report).toMatchObject({ records: 20, applied: 15, duplicate: 0, rejected: 0, deadLettered: 1 });
  expect(tries()).toBe(6); // three in company, three alone
  expect(publisher.kept).toHaveLength(1);
  expect(await tallies.trace(ids[1])).toEqual([1, 2, 3]);

  // when only those come again
  open();
  const again = await consume(report.givenBack);

  // then
  expect(again).toMatchObject({ records: 4, applied: 3, duplicate: 0, deadLettered: 1, givenBack: [] });
  expect(publisher.kept.map(reasonOf)).toEqual(["not-json", "not-json"]);
  for (const id of ids) expect(await tallies.trace(id)).toEqual([1, 2, 3, 4, 5, 6]);
});

test("where the mapping takes no partial response, the whole batch comes again and what was done is duplicate", async () => {
  // given
  const { ids, batch, handle, open } = scenario();
  const publisher = keepingPublisher();
  const consume = consumerOf(tallies, { handle, publisher, partialResponse: false });

  // when, then
  await expect(consume(batch)).rejects.toMatchObject({ code: "closed-today", canRetry: true });
  expect(publisher.kept).toEqual([]);
  open();
  expect(await consume(batch)).toMatchObject({ applied: 3, duplicate: 15, deadLettered: 2, givenBack: [] });
  for (const id of ids) expect(await tallies.trace(id)).toEqual([1, 2, 3, 4, 5, 6]);
});

test("when nothing at all could be done, the batch fails with the fault", async () => {
  const { batch, handle } = scenario();

  await expect(consumerOf(tallies, { handle })(batch.slice(9, 12))).rejects.toMatchObject({ code: "closed-today" });
});

const backendOf = async (tx: Transaction): Promise<number> =>
  (await tx.query<{ pid: number }>({ text: "select pg_backend_pid() as pid" })).rows[0]?.pid ?? 0;

test("a connection that is killed in the middle of a transaction leaves nothing of it, and the commands are done by the next try", async () => {
  // given
  const id = uuidV7();
  let killed = 0;
  const { met, noted } = noting(async (tx, commands) => {
    const effects = await addAll(tx, commands);
    if (killed++ === 0) {
      await tallies.db.query({ text: "select pg_terminate_backend($1)", values: [await backendOf(tx)] });
      await tx.query({ text: "select 1" });
    }
    return effects;
  });

  // when
  const report = await consumerOf(tallies, { handle: noted })([1, 2, 3].map((amount) => recordOf({ id, amount })));

  // then
  expect(met).toHaveLength(1);
  expect(report).toMatchObject({ applied: 3, duplicate: 0, givenBack: [] });
  expect(await tallies.trace(id)).toEqual([1, 2, 3]);
});

test("a consumer that meets another's open claim waits for its end: duplicate after a commit, new after a rollback", async () => {
  for (const end of ["commit", "rollback"] as const) {
    // given
    const [id, event] = [uuidV7(), uuidV7()];
    const zombie = new Client({ connectionString: tallies.databaseUrl });
    await zombie.connect();
    await zombie.query("begin");
    await zombie.query("insert into inbox (consumer, event_id) values ('tally-doers', $1)", [event]);

    // when
    const consumed = consumerOf(tallies)([recordOf({ id, amount: 1 }, {}, { id: event })]);
    const waiting = "select from pg_locks where not granted and locktype = 'transactionid'";
    await eventually(
      () => tallies.db.query({ text: waiting }),
      ({ rowCount }) => rowCount > 0,
    );
    await zombie.query(end);
    await zombie.end();

    // then
    const [applied, duplicate] = end === "commit" ? [0, 1] : [1, 0];
    expect(await consumed).toMatchObject({ applied, duplicate });
    expect(await tallies.totals(id)).toEqual([end === "commit" ? undefined : 1]);
  }
});

test("two consumers with the same events in opposite orders do each once, and neither is ended by a deadlock", async () => {
  // given
  const warned: string[] = [];
  const log = { ...silentLog, warn: (message: string) => warned.push(message) };
  const consume = consumerOf(tallies, { log, commandsPerTransaction: 500 });

  for (let round = 0; round < 10; round++) {
    const id = uuidV7();
    const records = Array.from({ length: 500 }, () => recordOf({ id, amount: 1 }));

    // when
    const reports = await Promise.all([consume(records), consume(records.toReversed())]);

    // then
    expect(reports.map(({ applied }) => applied).toSorted((a, b) => a - b)).toEqual([0, 500]);
    expect(await tallies.totals(id)).toEqual([500]);
  }
  expect(warned).toEqual([]);
});

test.each([
  ["a table that is not there", "select from not_there", "42P01"],
  ["a permission that is missing", "set local role pg_monitor; select from tally", "42501"],
])("%s is no fault of the commands: none is dead-lettered, all come again", async (_, text, state) => {
  // given
  const id = uuidV7();
  const publisher = keepingPublisher();
  const deadLetters = { publisher, topic: "dlq", group: "test" };
  const broken: CommandHandler = async (tx) => {
    await tx.query({ text });
    return [];
  };
  const batch = [recordOf({ id, amount: 1 }), recordOf({ id, amount: 2 })];

  // when
  const answered = consumerOf(tallies, { handle: broken, deadLetters })(batch);

  // then
  await expect(answered).rejects.toSatisfy((fault: unknown) => sqlState(fault) === state);
  expect(publisher.kept).toEqual([]);
  expect(await consumerOf(tallies)(batch)).toMatchObject({ applied: 2 });
});
