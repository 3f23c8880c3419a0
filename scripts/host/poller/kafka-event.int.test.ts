import { describe, expect, test, vi } from "vitest";
import type { MskEvent } from "../../../shared/kafka/msk-event.ts";
import { openPollerFixture, succeed, textOf } from "../testing/poller-fixture.ts";

const soon = { timeout: 30_000, interval: 20 };
const numbered = (partition: number, count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ partition, value: `${partition}:${from + index}` }));

describe("the event", () => {
  test("has keys and values in base64, headers as bytes, and the broker's time", async () => {
    // given
    await using kafka = await openPollerFixture({ partitions: 1 });
    let seen: MskEvent | undefined;
    const before = Date.now();
    await kafka.produce([
      { partition: 0, key: "k", value: Buffer.from([0xff, 0]), headers: { ce_id: "é", twice: ["1", "2"] } },
      { partition: 0, key: null, value: null },
    ]);

    // when
    kafka.start((_records, event) => {
      seen = event;
    });
    await vi.waitFor(() => expect(seen).toBeDefined(), soon);

    // then
    expect(seen).toMatchObject({
      eventSource: "aws:kafka",
      bootstrapServers: kafka.brokers,
      records: {
        [`${kafka.topic}-0`]: [
          {
            topic: kafka.topic,
            partition: 0,
            offset: 0,
            timestampType: "LOG_APPEND_TIME",
            key: "aw==",
            value: "/wA=",
            headers: [{ ce_id: [-61, -87] }, { twice: [49] }, { twice: [50] }],
          },
          { offset: 1, key: null, value: null, headers: [] },
        ],
      },
    });
    const timestamp = seen?.records[`${kafka.topic}-0`]?.[0]?.timestamp;
    expect(timestamp).toBeGreaterThanOrEqual(before - 1000);
    expect(timestamp).toBeLessThanOrEqual(Date.now() + 1000);
  });

  test("holds records of several partitions, each in order, no more than the batch size", async () => {
    // given
    await using kafka = await openPollerFixture({ partitions: 3 });
    await kafka.produce([0, 1, 2].flatMap((partition) => numbered(partition, 50)));

    // when
    const { deliveries } = kafka.start(() => null, { batchSize: 20 });
    await vi.waitFor(() => expect(deliveries.flat()).toHaveLength(150), soon);

    // then
    for (const batch of deliveries) expect(batch.length).toBeLessThanOrEqual(20);
    for (const partition of [0, 1, 2]) {
      const texts = deliveries.flat().filter((record) => record.partition === partition);
      expect(texts.map(textOf)).toEqual(numbered(partition, 50).map(({ value }) => value));
    }
  });

  test("stays below 6 MB, as the function counts it", async () => {
    // given: 12 MB in records whose base64 is a third larger, and one that fits in no event with others
    await using kafka = await openPollerFixture({ partitions: 2, configuration: { "max.message.bytes": "5000000" } });
    const value = Buffer.alloc(500_000, 1);
    for (let sent = 0; sent < 24; sent += 2)
      await kafka.produce([0, 1].map((partition) => ({ partition, value, headers: { h: Buffer.alloc(1000, 0x80) } })));
    await kafka.produce([{ partition: 0, value: Buffer.alloc(4_400_000, 2) }]);

    // when
    const sizes: number[] = [];
    const counts: number[] = [];
    kafka.start(() => null, {
      batchSize: 10_000,
      windowMs: 2000,
      invoke: async (payload) => {
        sizes.push(Buffer.byteLength(payload));
        const { records }: MskEvent = JSON.parse(payload);
        counts.push(Object.values(records).flat().length);
        return succeed();
      },
    });
    await vi.waitFor(() => expect(counts.reduce((sum, count) => sum + count, 0)).toBe(25), soon);

    // then
    for (const size of sizes) expect(size).toBeLessThanOrEqual(6 * 1024 * 1024);
    expect(Math.max(...sizes)).toBeGreaterThan(5_000_000);
  });

  test("closes at the end of the window when it is not full, and at once when it is", async () => {
    // given
    await using kafka = await openPollerFixture({ partitions: 1 });
    const at: number[] = [];
    const { deliveries, poller } = kafka.start(() => void at.push(Date.now()), { batchSize: 10, windowMs: 1500 });
    await poller.joined;

    // when
    const produced = Date.now();
    await kafka.produce(numbered(0, 1));
    await kafka.produce(numbered(0, 2, 1));
    await vi.waitFor(() => expect(deliveries).toHaveLength(1), soon);
    const full = Date.now();
    await kafka.produce(numbered(0, 10, 3));
    await vi.waitFor(() => expect(deliveries).toHaveLength(2), soon);

    // then
    expect(deliveries[0]).toHaveLength(3);
    expect((at[0] as number) - produced).toBeGreaterThanOrEqual(1450);
    expect(deliveries[1]).toHaveLength(10);
    expect((at[1] as number) - full).toBeLessThan(1400);
  });
});
