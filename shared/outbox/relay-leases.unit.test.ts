import { describe, expect, test } from "vitest";
import { silentLog } from "../observability/logger.ts";
import { silentMeter } from "../observability/metrics.ts";
import { acknowledged, MemoryOutbox, memoryPublisher, shardOf } from "../testing/memory-outbox.ts";
import { expectAscending, limits, relayOf, soon } from "../testing/memory-relay.ts";
import { createRelay } from "./relay.ts";

describe("leases", () => {
  test("a lease that does not outlast the send timeout is refused", () => {
    const store = new MemoryOutbox();
    expect(() => relayOf(store, memoryPublisher().publisher, { leaseMs: 100 })).toThrow(
      expect.objectContaining({ code: "lease-too-short" }),
    );
  });

  test("a shard that was lost in mid-flight is neither marked nor sent on from what was read ahead", async () => {
    // given: during the first send another takes the shard
    const outbox = new MemoryOutbox();
    for (let n = 0; n < 30; n++) outbox.write("a");
    let sends = 0;
    const memory = memoryPublisher((_record, at) => {
      if (at === 0 && ++sends === 1) outbox.takeAway(shardOf("a"), "another", 60_000);
      return acknowledged;
    });
    const stop = new AbortController();

    // when
    const relay = relayOf(outbox, memory.publisher, { batchRows: 10 });
    const running = relay.run({ mode: "continuous", until: soon(), signal: stop.signal });
    await expect.poll(() => outbox.claims.at(-1)?.shards.length).toBe(3);
    stop.abort();
    await running;

    // then
    expect(outbox.withStatus("SENT")).toEqual([]);
    expect(sends, "one batch may be under way when the loss is found out").toBeLessThanOrEqual(2);
    expect(outbox.leases[shardOf("a")]?.owner).toBe("another");
  });

  test("no send begins that might outlive its lease", async () => {
    // given: a clock that jumps ahead while a claim is under way, as when the process was stopped
    let skippedMs = 0;
    const now = () => performance.now() + skippedMs;
    const outbox = new MemoryOutbox(now);
    outbox.write("a");
    const memory = memoryPublisher();
    const claimed = outbox.claimBatch.bind(outbox);
    let claims = 0;
    outbox.claimBatch = async (request) => {
      const batch = await claimed(request);
      if (++claims === 1) {
        skippedMs += 5_000;
        outbox.takeAway(shardOf("a"), "another", 60_000);
      }
      return batch;
    };
    const relay = createRelay({
      ...limits,
      store: outbox,
      publisher: memory.publisher,
      clock: Date.now,
      log: silentLog,
      meter: silentMeter,
      monotonic: now,
    });
    const stop = new AbortController();

    // when
    const running = relay.run({ mode: "continuous", until: soon(), signal: stop.signal });
    await expect.poll(() => claims).toBeGreaterThan(2);
    stop.abort();
    await running;

    // then
    expect(memory.sends).toEqual([]);
  });

  test("two drainers share the shards, and each key is sent by one of them", async () => {
    // given
    const outbox = new MemoryOutbox();
    const memory = memoryPublisher();
    const stop = new AbortController();
    const first = relayOf(outbox, memory.publisher).run({
      mode: "continuous",
      until: soon(),
      signal: stop.signal,
    });
    await expect.poll(() => new Set(outbox.leases.map(({ owner }) => owner)).size).toBe(1);

    // when
    const second = relayOf(outbox, memory.publisher).run({
      mode: "continuous",
      until: soon(),
      signal: stop.signal,
    });

    // then
    const shares = () => {
      const owners = outbox.leases.map(({ owner }) => owner).filter((owner) => owner !== undefined);
      return [...Map.groupBy(owners, (owner) => owner).values()].map(({ length }) => length);
    };
    await expect.poll(shares, { timeout: 3_000 }).toEqual([2, 2]);
    for (let n = 0; n < 40; n++) outbox.write(`k${n % 9}`);
    await expect.poll(() => outbox.withStatus("SENT")).toHaveLength(40);
    stop.abort();
    await Promise.all([first, second]);
    expect(memory.ids()).toHaveLength(40);
    expectAscending(memory.log);
  });

  test("a drain waits until what others hold is sent, or takes it over when they are dead", async () => {
    // given: a dead drainer's shard with a pending row
    const outbox = new MemoryOutbox();
    outbox.takeAway(shardOf("a"), "dead", 300);
    outbox.write("a");
    outbox.write("b");
    const memory = memoryPublisher();

    // when
    const report = await relayOf(outbox, memory.publisher).run({ mode: "drain", until: soon() });

    // then
    expect(report).toMatchObject({ ended: "drained", sent: 2 });
  });
});
