import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { startKafka } from "../../stack/index.ts";
import { openPollerFixture, textOf } from "../testing/poller-fixture.ts";

const soon = { timeout: 60_000, interval: 50 };

test("a broker that is killed in mid-batch and comes back: nothing is lost, and the poller joins again by itself", async () => {
  // given a broker of its own, and a function at work
  const dir = mkdtempSync(join(tmpdir(), "sluice-poller-"));
  const broker = await startKafka({ dir });
  try {
    await using kafka = await openPollerFixture({ partitions: 2, brokers: broker.address });
    const send = (from: number) =>
      kafka.produce(Array.from({ length: 20 }, (_, index) => ({ partition: index % 2, value: `r${from + index}` })));
    await send(0);
    const release = Promise.withResolvers<void>();
    const { deliveries } = kafka.start(() => release.promise, { batchSize: 5 });
    await vi.waitFor(() => expect(deliveries).toHaveLength(1), soon);

    // when
    await broker.kill();
    release.resolve();
    await broker.start();
    await vi.waitFor(() => send(20), soon);

    // then
    await vi.waitFor(async () => {
      const committed = await kafka.committed();
      expect((committed[0] ?? 0) + (committed[1] ?? 0)).toBeGreaterThanOrEqual(40);
    }, soon);
    const seen = new Set(deliveries.flat().map(textOf));
    expect(seen.size).toBe(40);
  } finally {
    await broker.remove();
    rmSync(dir, { recursive: true, force: true });
  }
});
