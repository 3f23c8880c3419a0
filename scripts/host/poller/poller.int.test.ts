import { describe, expect, test, vi } from "vitest";
import { openPollerFixture, succeed, textOf } from "../testing/poller-fixture.ts";

const soon = { timeout: 30_000, interval: 20 };
const numbered = (partition: number, count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ partition, value: `${partition}:${from + index}` }));

describe("offsets", () => {
  test("are committed after the batch, never while it is invoked; the next poller starts there", async () => {
    // given
    await using kafka = await openPollerFixture({ partitions: 1 });
    await kafka.produce(numbered(0, 5));
    const release = Promise.withResolvers<void>();
    const first = kafka.start(() => release.promise);
    await vi.waitFor(() => expect(first.deliveries).toHaveLength(1), soon);
    expect(await kafka.committed()).toEqual({ 0: -1 });

    // when
    release.resolve();
    await vi.waitFor(async () => expect(await kafka.committed()).toEqual({ 0: 5 }), soon);
    await first.poller.stop();
    await kafka.produce(numbered(0, 2, 5));
    const second = kafka.start(() => null);
    await vi.waitFor(() => expect(second.deliveries.flat()).toHaveLength(2), soon);

    // then
    expect(second.texts().flat()).toEqual(["0:5", "0:6"]);
  });

  test("stop lets the batch in hand end, commits it and leaves the group empty", async () => {
    // given
    await using kafka = await openPollerFixture({ partitions: 1 });
    await kafka.produce(numbered(0, 3));
    const release = Promise.withResolvers<void>();
    const { poller, deliveries } = kafka.start(() => release.promise);
    await vi.waitFor(() => expect(deliveries).toHaveLength(1), soon);

    // when
    const stopped = poller.stop();
    await kafka.produce(numbered(0, 3, 3));
    release.resolve();
    await stopped;

    // then
    expect(deliveries).toHaveLength(1);
    expect(await kafka.committed()).toEqual({ 0: 3 });
    expect(await kafka.group()).toEqual({ state: "Empty", members: 0 });
  });
});

describe("failures", () => {
  test("a function that throws gets the same records again, without end, and nothing is committed", async () => {
    // given
    await using kafka = await openPollerFixture({ partitions: 1 });
    await kafka.produce(numbered(0, 4));
    let failures = 0;
    const { deliveries, reports } = kafka.start(async () => {
      expect(await kafka.committed()).toEqual({ 0: -1 });
      if (++failures <= 12) throw new Error("not yet");
    });

    // then
    await vi.waitFor(async () => expect(await kafka.committed()).toEqual({ 0: 4 }), soon);
    expect(deliveries.map((batch) => batch.map(textOf))).toEqual(
      Array.from({ length: 13 }, () => numbered(0, 4).map(({ value }) => value)),
    );
    expect(reports[0]).toEqual({ records: 4, outcome: "failure", reason: "Error: not yet" });
  });

  test("a function that cannot be invoked gets them when it can", async () => {
    await using kafka = await openPollerFixture({ partitions: 1 });
    await kafka.produce(numbered(0, 2));
    let tries = 0;
    kafka.start(() => null, {
      invoke: async () => {
        const error = { errorType: "Runtime.Unavailable", errorMessage: "down" };
        return ++tries < 5 ? { ok: false, reason: "unavailable", error } : succeed();
      },
    });
    await vi.waitFor(async () => expect(await kafka.committed()).toEqual({ 0: 2 }), soon);
    expect(tries).toBe(5);
  });

  test("the failed partition comes again from its lowest failed offset, the others move on", async () => {
    // given
    await using kafka = await openPollerFixture({ partitions: 2 });
    await kafka.produce([...numbered(0, 6), ...numbered(1, 6)]);
    let mended = false;
    const { deliveries, texts } = kafka.start(
      (records) => {
        const failed = records.filter((record) => !mended && record.partition === 0 && record.offset >= 2n);
        return {
          batchItemFailures: failed.toReversed().map(({ partition, offset }) => ({
            itemIdentifier: { partition: `${kafka.topic}-${partition}`, offset: Number(offset) },
          })),
        };
      },
      { windowMs: 500 },
    );
    await vi.waitFor(() => expect(deliveries.length).toBeGreaterThan(3), soon);

    // when
    await kafka.produce(numbered(1, 2, 6));
    await vi.waitFor(async () => expect(await kafka.committed()).toEqual({ 0: 2, 1: 8 }), soon);
    mended = true;
    await vi.waitFor(async () => expect(await kafka.committed()).toEqual({ 0: 6, 1: 8 }), soon);

    // then
    const of = (partition: number) =>
      texts()
        .flat()
        .filter((text) => text.startsWith(`${partition}:`));
    expect(of(1)).toEqual(numbered(1, 8).map(({ value }) => value));
    expect(of(0).slice(0, 6)).toEqual(numbered(0, 6).map(({ value }) => value));
    const again = of(0).slice(6);
    expect(again.length % 4).toBe(0);
    for (let at = 0; at < again.length; at += 4) expect(again.slice(at, at + 4)).toEqual(["0:2", "0:3", "0:4", "0:5"]);
  });

  test.each([
    ["an empty identifier", () => ({ itemIdentifier: "" })],
    ["no identifier", () => ({})],
    ["an unknown partition", () => ({ itemIdentifier: { partition: "elsewhere-0", offset: 1 } })],
    ["an offset outside the batch", (topic: string) => ({ itemIdentifier: { partition: `${topic}-0`, offset: 99 } })],
    ["an offset that is none", (topic: string) => ({ itemIdentifier: { partition: `${topic}-0`, offset: "1" } })],
  ])("an answer with %s fails the whole batch", async (_name, failure) => {
    // given
    await using kafka = await openPollerFixture({ partitions: 1 });
    await kafka.produce(numbered(0, 3));
    let answers = 0;
    const valid = { itemIdentifier: { partition: `${kafka.topic}-0`, offset: 2 } };
    const { reports, texts } = kafka.start(() =>
      ++answers <= 2 ? { batchItemFailures: [valid, failure(kafka.topic)] } : { batchItemFailures: [] },
    );

    // then
    const outcomes = () => reports.map(({ outcome }) => outcome);
    await vi.waitFor(() => expect(outcomes()).toEqual(["failure", "failure", "success"]), soon); // told after the commit
    expect(await kafka.committed()).toEqual({ 0: 3 });
    expect(texts()).toEqual(Array.from({ length: 3 }, () => ["0:0", "0:1", "0:2"]));
  });
});

describe("the group", () => {
  test("heartbeats go on while the function works for longer than the session may last", async () => {
    // given
    await using kafka = await openPollerFixture({ partitions: 1 });
    await kafka.produce(numbered(0, 1));
    const sessionTimeoutMs = 6000; // the shortest that a broker takes by default
    const release = Promise.withResolvers<void>();
    const { deliveries, reports } = kafka.start(() => release.promise, { sessionTimeoutMs });
    await vi.waitFor(() => expect(deliveries).toHaveLength(1), soon);

    // when: the session would be over by then
    const end = Date.now() + sessionTimeoutMs + 2500;
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(end), soon);
    expect(await kafka.group()).toEqual({ state: "Stable", members: 1 });
    release.resolve();

    // then
    await vi.waitFor(async () => expect(await kafka.committed()).toEqual({ 0: 1 }), soon);
    expect(reports.map(({ outcome }) => outcome)).toEqual(["success"]);
    expect(deliveries).toHaveLength(1);
  });

  test("a rebalance in mid-batch: the old owner does not commit what was revoked, the new one gets it", async () => {
    // given: one owner of both partitions, in the middle of a batch of both
    await using kafka = await openPollerFixture({ partitions: 2 });
    await kafka.produce([...numbered(0, 3), ...numbered(1, 3)]);
    const oldEnds = Promise.withResolvers<void>();
    const newEnds = Promise.withResolvers<void>();
    let calls = 0;
    const old = kafka.start(() => (++calls === 1 ? oldEnds.promise : newEnds.promise), { windowMs: 300 });
    await vi.waitFor(() => expect(old.deliveries.flat()).toHaveLength(6), soon);

    // when: another joins, is given one of the partitions and its records, and only then the old invocation succeeds
    const other = kafka.start(() => newEnds.promise, { windowMs: 300 });
    await vi.waitFor(() => expect(other.deliveries.flat()).toHaveLength(3), soon);
    oldEnds.resolve();
    await vi.waitFor(() => expect(old.reports.map(({ outcome }) => outcome)).toEqual(["revoked"]), soon);

    // then: nothing is committed by it, and every record is with its new owner
    await vi.waitFor(() => expect(old.deliveries).toHaveLength(2), soon);
    expect(await kafka.committed()).toEqual({ 0: -1, 1: -1 });
    expect([...(old.texts()[1] ?? []), ...other.texts().flat()].sort()).toEqual(
      [...numbered(0, 3), ...numbered(1, 3)].map(({ value }) => value),
    );
    newEnds.resolve();
    await vi.waitFor(async () => expect(await kafka.committed()).toEqual({ 0: 3, 1: 3 }), soon);
  });

  test("reads ahead only so far, and goes on from there", async () => {
    // given: 10 MB, of which one fetch brings 1 MB a partition, and a function that does not end
    await using kafka = await openPollerFixture({ partitions: 2 });
    const value = Buffer.alloc(10_000, 1);
    for (let sent = 0; sent < 5; sent++)
      await kafka.produce([0, 1].flatMap((partition) => Array.from({ length: 100 }, () => ({ partition, value }))));
    const release = Promise.withResolvers<void>();
    const { deliveries, poller } = kafka.start(() => release.promise, { batchSize: 7, readAheadBytes: 40_000 });
    await vi.waitFor(() => expect(deliveries).toHaveLength(1), soon);

    // when: reading has come to rest
    const readings = [0];
    await vi.waitFor(() => {
      readings.push(poller.heldBytes());
      expect(new Set(readings.slice(-40)).size).toBe(1);
    }, soon);

    // then
    expect(readings.at(-1)).toBeLessThan(3_500_000);
    release.resolve();
    await vi.waitFor(async () => expect(await kafka.committed()).toEqual({ 0: 500, 1: 500 }), soon);
    for (const partition of [0, 1]) {
      const offsets = deliveries.flat().filter((record) => record.partition === partition);
      expect(offsets.map(({ offset }) => Number(offset))).toEqual(Array.from({ length: 500 }, (_, index) => index));
    }
  });
});

test("whatever fails, and whoever joins or leaves: no offset is committed beyond a record that is not done", async () => {
  // given: a function that fails in every way, in two pollers that come and go
  await using kafka = await openPollerFixture({ partitions: 4 });
  const done = [0, 1, 2, 3].map(() => new Set<number>());
  const violations: string[] = [];
  const unreliable = async (records: readonly { partition: number; offset: bigint }[]) => {
    const dice = Math.random();
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
    if (dice < 0.2) throw new Error("thrown");
    const failed = dice < 0.5 ? records.filter(() => Math.random() < 0.1) : [];
    const lowest = (partition: number) =>
      Math.min(...failed.filter((each) => each.partition === partition).map(({ offset }) => Number(offset)));
    for (const { partition, offset } of records)
      if (Number(offset) < lowest(partition)) done[partition]?.add(Number(offset));
    return {
      batchItemFailures: failed.map(({ partition, offset }) => ({
        itemIdentifier: { partition: `${kafka.topic}-${partition}`, offset: Number(offset) },
      })),
    };
  };
  const look = async () => {
    for (const [partition, committed] of Object.entries(await kafka.committed()))
      for (let offset = 0; offset < committed; offset++)
        if (!done[Number(partition)]?.has(offset)) violations.push(`${partition}: ${committed} beyond ${offset}`);
  };

  // when
  const total = 400;
  for (const partition of [0, 1, 2, 3]) await kafka.produce(numbered(partition, total));
  kafka.start(unreliable, { batchSize: 60 });
  for (let round = 0; round < 4; round++) {
    const guest = kafka.start(unreliable, { batchSize: 30 });
    await guest.poller.joined;
    await vi.waitFor(
      () => expect(guest.deliveries.length + (done[0]?.size === total ? 99 : 0)).toBeGreaterThan(3),
      soon,
    );
    await look();
    await guest.poller.stop();
    await look();
  }

  // then
  const all = { 0: total, 1: total, 2: total, 3: total };
  await vi.waitFor(async () => expect(await kafka.committed()).toEqual(all), { ...soon, timeout: 60_000 });
  await look();
  expect(violations).toEqual([]);
});
