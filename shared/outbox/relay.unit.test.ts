import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RecordPublisher, SendOutcome } from "../messaging/record-publisher.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import { acknowledged, MemoryOutbox, memoryPublisher } from "../testing/memory-outbox.ts";
import { expectAscending, relayOf, soon } from "../testing/memory-relay.ts";
import type { OutboxStore } from "./outbox-store.ts";

const failed: SendOutcome = { status: "failed", error: new SluiceError("no-leader", "no leader", { canRetry: true }) };
const databaseAway = new SluiceError("postgres-unavailable", "gone", { canRetry: true });

test("a drain sends each row once, in order, marks it, gives its leases back and ends", async () => {
  // given
  const outbox = new MemoryOutbox();
  for (let n = 0; n < 95; n++) outbox.write(`k${n % 7}`);
  const { publisher, ids } = memoryPublisher();

  // when
  const report = await relayOf(outbox, publisher).run({ mode: "drain", until: soon() });

  // then
  expect(ids()).toEqual(outbox.rows.map(({ id }) => id));
  expect(outbox.withStatus("SENT")).toHaveLength(95);
  expect(report).toMatchObject({ ended: "drained", sent: 95, parked: 0, failed: 0, batches: 10 });
  expect(outbox.leases.map(({ owner }) => owner)).toEqual([undefined, undefined, undefined, undefined]);
});

test("what is in flight is left out by its ids, so that a row that commits late with a lower id is still sent", async () => {
  // given: row 1 of another key commits while rows 2 to 30 are being sent
  const outbox = new MemoryOutbox();
  for (let id = 2; id <= 30; id++) outbox.write("a", id);
  const { publisher, ids } = memoryPublisher((_record, at) => {
    if (at === 0 && !outbox.rows.some(({ id }) => id === 1)) outbox.write("b", 1);
    return acknowledged;
  });

  // when
  await relayOf(outbox, publisher).run({ mode: "drain", until: soon() });

  // then
  expect(ids().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, at) => at + 1));
  expect(ids().length, "nothing twice").toBe(30);
});

test("the next batch is read while one is sent", async () => {
  // given
  const outbox = new MemoryOutbox();
  for (let n = 0; n < 20; n++) outbox.write("a");
  const { publisher } = memoryPublisher();
  let claimsDuringFirstSend = 0;
  const slow: RecordPublisher = {
    ...publisher,
    publish: async (records) => {
      const before = outbox.claims.length;
      await new Promise((resolve) => setTimeout(resolve, 20));
      claimsDuringFirstSend ||= outbox.claims.length - before;
      return publisher.publish(records);
    },
  };

  // when
  await relayOf(outbox, slow).run({ mode: "drain", until: soon() });

  // then
  expect(claimsDuringFirstSend).toBe(1);
  expect(outbox.claims[1]?.inFlight).toEqual(outbox.rows.slice(0, 10).map(({ id }) => id));
});

describe("a send that is acknowledged in part", () => {
  test("marks what was acknowledged, keeps the rest pending, throws the batch read ahead away and sends in order", async () => {
    // given: of the first send, all of key b fail
    const outbox = new MemoryOutbox();
    for (let n = 0; n < 40; n++) outbox.write(n % 2 === 0 ? "a" : "b");
    let sends = 0;
    const memory = memoryPublisher((record, at) => {
      if (at === 0) sends++;
      return sends === 1 && record.key === "b" ? failed : acknowledged;
    });

    // when
    const report = await relayOf(outbox, memory.publisher).run({ mode: "drain", until: soon() });

    // then
    expect(report).toMatchObject({ ended: "drained", sent: 40, failed: 5, parked: 0 });
    expectAscending(memory.log);
    expect(memory.ids().length, "nothing that was acknowledged is sent again").toBe(40);
    expect(
      memory.sends[1]?.every(({ key }) => key === "a"),
      "the failed key is held back",
    ).toBe(true);
    expect(memory.sends[1]?.[0]?.value, "the batch read ahead is read anew").toBe("11");
  });

  test("whatever fails, each row is delivered, and first deliveries of a key are in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 6 }),
        fc.array(fc.constantFrom<keyof OutboxStore>("claimBatch", "markSent", "renewLeases", "park"), { maxLength: 3 }),
        async (keys, batchRows, failing, databaseFaults) => {
          // given: sends in which the records of some partition fail from some record on; a database that fails now and then
          const outbox = new MemoryOutbox();
          for (const key of keys) outbox.write(key);
          const remaining = [...failing];
          let down: string | undefined;
          const memory = memoryPublisher((record, at) => {
            if (at === 0) down = remaining.pop();
            return record.key === down ? failed : acknowledged;
          });
          for (const verb of databaseFaults) outbox.failNext(verb, databaseAway);

          // when
          const report = await relayOf(outbox, memory.publisher, { batchRows }).run({
            mode: "drain",
            until: soon(),
          });

          // then
          expect(report.ended).toBe("drained");
          expect(outbox.withStatus("SENT")).toHaveLength(keys.length);
          expect(new Set(memory.ids()).size).toBe(keys.length);
          expectAscending(memory.log);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("a topic that takes nothing does not keep the others from being sent", async () => {
    // given: more rows of a topic that is missing than fit into a batch, before those of a good one
    const outbox = new MemoryOutbox();
    for (let n = 0; n < 30; n++) outbox.write(`k${n}`, undefined, "missing");
    for (let n = 0; n < 10; n++) outbox.write("a");
    const memory = memoryPublisher(({ topic }) => (topic === "missing" ? failed : acknowledged));
    const stop = new AbortController();
    const relay = relayOf(outbox, memory.publisher);

    // when
    const running = relay.run({ mode: "continuous", until: soon(), signal: stop.signal });
    await expect.poll(() => outbox.withStatus("SENT")).toHaveLength(10);
    stop.abort();

    // then
    expect(await running).toMatchObject({ ended: "stopped", sent: 10, parked: 0 });
    expect(outbox.withStatus("PENDING")).toHaveLength(30);
  });
});

test("an outage is waited out: nothing is parked, nothing is lost, and the waits grow", async () => {
  // given
  const outbox = new MemoryOutbox();
  for (let n = 0; n < 15; n++) outbox.write("a");
  const times: number[] = [];
  const memory = memoryPublisher((_record, at) => {
    if (at === 0) times.push(performance.now());
    return times.length <= 3 ? failed : acknowledged;
  });

  // when
  const report = await relayOf(outbox, memory.publisher).run({ mode: "drain", until: soon() });

  // then
  expect(report).toMatchObject({ ended: "drained", sent: 15, parked: 0 });
  const waits = times.slice(1, 4).map((time, at) => time - (times[at] as number));
  expect(waits[0]).toBeGreaterThanOrEqual(45);
  expect(waits[1]).toBeGreaterThanOrEqual(90);
  expect(waits[2]).toBeGreaterThanOrEqual(180);
});

test("a row that is too large is parked alone: its key waits behind it, the others go on", async () => {
  // given: the publisher withholds what is behind the large record of its key
  const outbox = new MemoryOutbox();
  for (let n = 0; n < 30; n++) outbox.write(n % 3 === 0 ? "big" : "ok");
  const behind: SendOutcome = { status: "failed", error: new SluiceError("behind-too-large", "", { canRetry: true }) };
  const memory = memoryPublisher((record, at, records) => {
    if (record.value === "4") return { status: "too-large", reason: "a batch of 2000000 bytes" };
    return record.key === "big" && records.slice(0, at).some(({ value }) => value === "4") ? behind : acknowledged;
  });

  // when
  const report = await relayOf(outbox, memory.publisher).run({ mode: "drain", until: soon() });

  // then
  expect(report).toMatchObject({ ended: "drained", parked: 1 });
  expect(outbox.withStatus("PARKED")).toEqual([4]);
  expect(outbox.withStatus("PENDING")).toEqual(
    outbox.rows.filter(({ key, id }) => key === "big" && id > 4).map(({ id }) => id),
  );
  expect(memory.ids().filter((id) => outbox.rows[id - 1]?.key === "ok")).toHaveLength(20);
});

describe("faults of the database", () => {
  test("rows that were sent but could not be marked are marked later, not sent again", async () => {
    // given
    const outbox = new MemoryOutbox();
    for (let n = 0; n < 25; n++) outbox.write("a");
    outbox.failNext("markSent", databaseAway);
    const memory = memoryPublisher();

    // when
    const report = await relayOf(outbox, memory.publisher).run({ mode: "drain", until: soon() });

    // then
    expect(report).toMatchObject({ ended: "drained", faults: 1 });
    expect(memory.ids()).toHaveLength(25);
    expect(outbox.withStatus("SENT")).toHaveLength(25);
  });

  test("one that cannot pass ends the run, after the leases were given back", async () => {
    // given
    const outbox = new MemoryOutbox();
    outbox.write("a");
    outbox.failNext("claimBatch", new SluiceError("postgres-error", "no such table"));

    // when
    const run = relayOf(outbox, memoryPublisher().publisher).run({ mode: "drain", until: soon() });

    // then
    await expect(run).rejects.toMatchObject({ code: "postgres-error" });
    expect(outbox.leases.every(({ owner }) => owner === undefined)).toBe(true);
  });
});

test("a continuous run goes on until its deadline, and a closed one ends at once with its rows marked", async () => {
  // given
  const outbox = new MemoryOutbox();
  const memory = memoryPublisher();
  const relay = relayOf(outbox, memory.publisher);

  // when
  const brief = await relay.run({ mode: "continuous", until: Date.now() + 50 });
  const running = relay.run({ mode: "continuous", until: soon() });
  outbox.write("a");
  await expect.poll(() => memory.ids()).toEqual([1]);
  await expect(relay.run({ mode: "drain", until: soon() })).rejects.toMatchObject({ code: "relay-busy" });
  await relay.close();

  // then
  expect(brief.ended).toBe("deadline");
  expect(brief.milliseconds).toBeGreaterThanOrEqual(45);
  expect(await running).toMatchObject({ ended: "stopped", sent: 1 });
  expect(outbox.withStatus("SENT")).toEqual([1]);
});
