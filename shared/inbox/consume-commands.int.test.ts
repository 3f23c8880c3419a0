import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { InboundRecord } from "../messaging/record.ts";
import { uuidV7 } from "../messaging/uuid-v7.ts";
import { keepingPublisher, reasonOf } from "../testing/keeping-publisher.ts";
import type { CommandHandler } from "./command-handler.ts";
import type { CommandReport } from "./command-report.ts";
import { addAll, addOf, consumerOf, createTallies, recordOf, retentionMs, type Tallies } from "./testing/tallies.ts";

let tallies: Tallies;
beforeAll(async () => {
  tallies = await createTallies();
});
afterAll(() => tallies?.[Symbol.asyncDispose]());

const garbage = (fields: Partial<InboundRecord> = {}) =>
  recordOf({ id: uuidV7(), amount: 1 }, { value: new Uint8Array([0x7b]), ...fields });

/** A handler that says how many commands each of its calls had. */
const counting = (handle: CommandHandler = addAll) => {
  const calls: number[] = [];
  const counted: CommandHandler = (tx, commands) => {
    calls.push(commands.length);
    return handle(tx, commands);
  };
  return { calls, counted };
};

test("every record of a batch has one end, and is counted under it", async () => {
  // given
  const publisher = keepingPublisher();
  const [one, other, event] = [uuidV7(), uuidV7(), uuidV7()];
  const counts: Record<string, number> = {};
  const meter = {
    milliseconds: () => {},
    level: () => {},
    count: (name: string, value: number) => Object.assign(counts, { [name]: value }),
  };

  // when
  const report = await consumerOf(tallies, { publisher, meter })([
    recordOf({ id: one, amount: 3 }),
    recordOf({ id: other, amount: 4 }, {}, { id: event }),
    recordOf({ id: other, amount: 4 }, {}, { id: event }),
    recordOf({ id: one, amount: 0 }),
    recordOf({ id: one, amount: 5 }, {}, { type: "tally.added" }),
    garbage(),
  ]);

  // then
  expect(report).toEqual({ records: 6, applied: 2, duplicate: 1, rejected: 1, deadLettered: 2, givenBack: [] });
  expect(counts).toEqual({ Applied: 2, Duplicate: 1, Rejected: 1, DeadLettered: 2, GivenBack: 0 });
  expect(publisher.kept.map(reasonOf)).toEqual(["not-a-command", "not-json"]);
  expect(await tallies.totals(one, other)).toEqual([3, 4]);
});

test("however often and wherever commands are repeated, each takes effect once", async () => {
  const place = fc.record({ command: fc.nat({ max: 11 }), partition: fc.nat({ max: 3 }), big: fc.boolean() });

  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(place, { maxLength: 30 }), { maxLength: 4 }), async (batches) => {
      // given
      const ids = Array.from({ length: 12 }, () => uuidV7());
      const consume = consumerOf(tallies, { commandsPerTransaction: 4, concurrency: 4 });
      const recordAt = ({ command, partition, big }: { command: number; partition: number; big: boolean }) => {
        const id = ids[command] as string;
        return recordOf({ id, amount: command }, { partition }, { id: big ? id.toUpperCase() : id });
      };

      // when
      const reports: CommandReport[] = [];
      for (const batch of batches) reports.push(await consume(batch.map(recordAt)));

      // then
      const sent = new Set(batches.flat().map(({ command }) => command));
      const sum = (name: "applied" | "rejected" | "duplicate") => reports.reduce((all, one) => all + one[name], 0);
      expect(sum("applied") + sum("rejected")).toBe(sent.size);
      expect(sum("duplicate")).toBe(batches.flat().length - sent.size);
      expect(await tallies.totals(...ids)).toEqual(ids.map((_, at) => (at > 0 && sent.has(at) ? at : undefined)));
    }),
    { numRuns: 40 },
  );
});

test("commands of a partition are done in their order, whatever the transactions they share", async () => {
  // given
  const id = uuidV7();
  const amounts = Array.from({ length: 25 }, (_, index) => index + 1);
  const { calls, counted } = counting();

  // when
  await consumerOf(tallies, { handle: counted })(amounts.map((amount) => recordOf({ id, amount })));

  // then
  expect(await tallies.trace(id)).toEqual(amounts);
  expect(calls).toEqual([10, 10, 5]);
});

test.each([
  { fault: "that the handler throws", amount: -1, reason: "below-zero" },
  { fault: "of PostgreSQL", amount: 1_000_000, reason: "postgres-error" },
])(
  "given a fault $fault in the middle, then it alone is dead-lettered and its neighbours are kept, once and in order",
  async ({ amount, reason }) => {
    // given
    const publisher = keepingPublisher();
    const [id, bad] = [uuidV7(), uuidV7()];
    const { calls, counted } = counting();
    const amounts = [1, 2, 3, 4, 5, 6, 7];
    const batch = amounts.map((one) => recordOf({ id, amount: one }));
    const failing = recordOf({ id: bad, amount }, {}, { id: bad });
    batch.splice(3, 0, failing);

    // when
    const report = await consumerOf(tallies, { publisher, handle: counted })(batch);

    // then
    expect(report).toMatchObject({ applied: 7, duplicate: 0, deadLettered: 1, givenBack: [] });
    expect(publisher.kept.map(reasonOf)).toEqual([reason]);
    expect(await tallies.trace(id)).toEqual(amounts);
    expect(calls).toEqual([8, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(await tallies.known(bad)).toEqual([]); // so that a redrive finds it new
  },
);

test("a fault without a code is dead-lettered as command-failed, and so is a command for which the handler has no effect", async () => {
  const publisher = keepingPublisher();
  const broken: CommandHandler = async () => {
    throw new TypeError("cannot read");
  };
  await consumerOf(tallies, { publisher, handle: broken })([recordOf({ id: uuidV7(), amount: 1 })]);
  await consumerOf(tallies, { publisher, handle: async () => [] })([recordOf({ id: uuidV7(), amount: 1 })]);

  expect(publisher.kept.map(reasonOf)).toEqual(["command-failed", "wrong-effects"]);
});

test("the inbox row goes with the effect when that is rolled back, and the command is new when it comes again", async () => {
  // given
  const [id, event] = [uuidV7(), uuidV7()];
  const record = recordOf({ id, amount: 9 }, {}, { id: event });
  const failing: CommandHandler = async (tx, commands) => {
    await addAll(tx, commands);
    throw new Error("after its effect");
  };

  // when
  await consumerOf(tallies, { handle: failing })([record]);

  // then
  expect(await tallies.known(event)).toEqual([]);
  expect(await tallies.totals(id)).toEqual([undefined]);
  expect(await consumerOf(tallies)([record])).toMatchObject({ applied: 1, duplicate: 0 });
  expect(await tallies.known(event)).toEqual([event]);
});

test("a command that is older than the inbox remembers is dead-lettered as too-old, and changes nothing", async () => {
  // given
  const publisher = keepingPublisher();
  const now = Date.now();
  const [old, young] = [uuidV7(), uuidV7()];
  const idAt = (age: number) => uuidV7(() => now - age);

  // when
  const report = await consumerOf(tallies, { publisher, clock: () => now })([
    recordOf({ id: old, amount: 1 }, {}, { id: idAt(retentionMs + 1) }),
    recordOf({ id: young, amount: 1 }, {}, { id: idAt(retentionMs) }),
  ]);

  // then
  expect(report).toMatchObject({ applied: 1, deadLettered: 1 });
  expect(publisher.kept.map(reasonOf)).toEqual(["too-old"]);
  expect(await tallies.totals(old, young)).toEqual([undefined, 1]);
});

test("a flood of undecodable records stops the batch before anything is done or dead-lettered, and alarms", async () => {
  // given
  const publisher = keepingPublisher();
  const counted: string[] = [];
  const meter = { count: (name: string) => counted.push(name), milliseconds: () => {}, level: () => {} };
  const id = uuidV7();
  const batch = [...Array.from({ length: 49 }, () => garbage()), recordOf({ id, amount: 1 })];

  // when, then
  await expect(consumerOf(tallies, { publisher, meter })(batch)).rejects.toMatchObject({ code: "poison-flood" });
  expect(counted).toEqual(["PoisonFlood"]);
  expect(publisher.kept).toEqual([]);
  expect(await tallies.totals(id)).toEqual([undefined]);
});

test("a flood of commands that fail stops the batch before they are dead-lettered; what was done is duplicate when it comes again", async () => {
  // given
  const publisher = keepingPublisher();
  const id = uuidV7();
  const batch = Array.from({ length: 60 }, (_, index) => recordOf({ id, amount: index < 20 ? 1 : -1 }));

  // when, then
  await expect(consumerOf(tallies, { publisher })(batch)).rejects.toMatchObject({ code: "poison-flood" });
  expect(publisher.kept).toEqual([]);
  const mended: CommandHandler = async (tx, commands) =>
    addAll(
      tx,
      commands.map((one) => ({ ...one, data: { ...addOf(one), amount: 1 } })),
    );
  expect(await consumerOf(tallies, { handle: mended })(batch)).toMatchObject({ applied: 40, duplicate: 20 });
  expect(await tallies.totals(id)).toEqual([60]);
});

test("a dead letter that the broker has not taken fails the batch; what was done is duplicate when it comes again", async () => {
  // given
  const failed = keepingPublisher({ status: "failed", error: new Error("no broker") });
  const batch = [recordOf({ id: uuidV7(), amount: 1 }), garbage()];

  // when, then
  await expect(consumerOf(tallies, { publisher: failed })(batch)).rejects.toMatchObject({ code: "dead-letter-failed" });
  expect(await consumerOf(tallies)(batch)).toMatchObject({ applied: 0, duplicate: 1, deadLettered: 1 });
});
