import { afterAll, beforeAll, expect, test } from "vitest";
import type { Product } from "../domain/products/product.ts";
import { listAudit } from "../operations/audit/list-audit.ts";
import { holdingReadModel } from "../operations/dead-letters/hold-read-model.ts";
import { verifyReadModels } from "../operations/parity/verify-read-models.ts";
import { releaseLease } from "../operations/read-model-lease/release-lease.ts";
import { takeLease } from "../operations/read-model-lease/take-lease.ts";
import { advanceRebuild } from "../operations/rebuild/advance-rebuild.ts";
import { listOpenRebuilds } from "../operations/rebuild/progress.ts";
import { startRebuild } from "../operations/rebuild/start-rebuild.ts";
import { livePair } from "../projection/change-targets.ts";
import { listRebuildNeeded, markRebuildNeeded } from "../projection/rebuild-needed.ts";
import { indexesOf } from "../search/ensure-index.ts";
import { eventually } from "../testing/eventually.ts";
import { withAdmin } from "../testing/kafka-topic.ts";
import { productProjection } from "./product-projection.ts";
import { startReaders, startWriters } from "./testing/catalogue-traffic.ts";
import { openRebuildFixture, type RebuildFixture, someProducts } from "./testing/rebuild-fixture.ts";

const projection = productProjection.name;
const signal = new AbortController().signal;
const count = 300;

let fixture: RebuildFixture;
let ids: readonly string[];
beforeAll(async () => {
  fixture = await openRebuildFixture();
  ids = await someProducts(fixture, count);
  await fixture.caughtUp();
});
afterAll(() => fixture?.[Symbol.asyncDispose]());

const verify = (sample?: number) => verifyReadModels(fixture.parts, { sample, limitMs: 10_000, signal });

/** What readers see is whole, is what the write model says, and is this generation's. */
const expectLive = async (generation: number): Promise<void> => {
  const { index, table } = fixture.parts.model;
  const pair = { index: index.nameOf(generation), table: table.nameOf(generation) };
  expect(await livePair(fixture.db, projection)).toEqual(pair);
  expect(await indexesOf(fixture.models.search, index.alias)).toEqual([pair.index]);
  const [view] = (await fixture.db.query<{ def: string }>({ text: "select pg_get_viewdef('product_view') as def" }))
    .rows;
  expect(view?.def).toContain(pair.table);
  expect(await verify()).toMatchObject({ differences: [], complete: true });
};

test("under live writes readers see whole answers at every moment, what is written meanwhile is in it, and a rollback is fresh", async () => {
  // given products that nobody changes, readers of them, and writers of the others
  const stable = (await Promise.all(ids.map((id) => fixture.ask(`GET /products/${id}`))))
    .filter(({ status }) => status === 200)
    .map(({ body }) => body as Product)
    .slice(0, 90);
  await Promise.all(
    stable.map(({ id }) =>
      fixture.ask(`PATCH /products/${id}`, {
        body: { title: "Standstill" },
        headers: { "content-type": "application/merge-patch+json", "if-match": "*" },
      }),
    ),
  );
  await fixture.caughtUp();
  await eventually(
    async () => (await fixture.ask("GET /products?text=Standstill&limit=100")).body.items.length,
    (found) => found === stable.length, // the index may follow the table by a moment
  );
  const stopReaders = startReaders(
    fixture,
    stable.map((product) => ({ ...product, version: product.version + 1 })),
    "Standstill",
  );
  const stopWriters = startWriters(
    fixture,
    ids.filter((id) => !stable.some((each) => each.id === id)),
  );

  // when
  const ready = await fixture.build();
  const swapped = await fixture.turn("swap");
  const rolledBack = await fixture.turn("rollback");
  const writes = await stopWriters();
  const reads = await stopReaders();

  // then
  expect(reads.faults).toEqual([]);
  for (const number of [reads.byId, reads.bySku, reads.search, writes]) expect(number).toBeGreaterThan(10);
  expect(ready).toMatchObject({ course: "build", step: undefined, actor: "ann", differences: [] });
  expect(swapped).toMatchObject({ course: "swap", step: undefined });
  expect(rolledBack).toMatchObject({ course: "rollback", step: undefined });
  await fixture.caughtUp();
  await expectLive(1);
  const [both] = (
    await fixture.db.query<{ archived: number; all: number }>({
      text: `select count(*) as all, count(*) filter (where archived) as archived from "${ready.made.table}"`,
    })
  ).rows;
  expect(both?.archived).toBeGreaterThanOrEqual(count / 5);
  const archived = await fixture.ask(`GET /products/${ids[0]}`);
  expect(archived.status).toBe(404);

  // when
  const retired = await fixture.turn("retire");

  // then
  expect(retired).toMatchObject({ course: "retire", step: undefined });
  await expectLive(1);
  expect((await fixture.db.query({ text: `select to_regclass($1) as it`, values: [ready.made.table] })).rows).toEqual([
    { it: null },
  ]);
  const { status } = await fixture.models.search.request({
    ...{ method: "HEAD", path: `/${ready.made.index}`, expected: [404] },
  });
  expect(status).toBe(404);
  expect(
    (await listAudit(fixture.db, { operation: "rebuild", limit: 9 })).map(({ operation, outcome }) => [
      operation,
      outcome,
    ]),
  ).toEqual(
    ["rebuild retire", "rebuild rollback", "rebuild swap", "rebuild start"].map((operation) => [operation, "done"]),
  );
});

test("when Kafka's history is gone and the live read models are damaged, all comes from the write model; many short calls finish it", async () => {
  // given
  await withAdmin(fixture.addresses.brokers, async (admin) => {
    const partitions = (await admin.fetchTopicOffsets(fixture.topic)).map(({ partition, high: offset }) => ({
      partition,
      offset,
    }));
    await admin.deleteTopicRecords({ topic: fixture.topic, partitions });
  });
  await fixture.db.query({ text: "delete from product_view_000001 where not archived" });
  await markRebuildNeeded(fixture.db, { projection, run: crypto.randomUUID(), reason: "a test", skipped: 7n });
  const [marks] = [await listRebuildNeeded(fixture.db)];

  // when
  const { id } = await startRebuild(fixture.parts, { actor: "ann", reason: "history is gone" });
  const steps = new Set<string | undefined>();
  const call = () => {
    const until = fixture.parts.clock() + 40;
    return advanceRebuild({ ...fixture.parts, pageSize: 20 }, { id, signal, until });
  };
  const ratios: number[] = [];
  const run = await eventually(call, ({ step }) => {
    steps.add(step);
    return step === undefined;
  });
  for (const open of await listOpenRebuilds(fixture.db, Date.now())) ratios.push(open.ratio);

  // then
  expect(steps.size).toBeGreaterThan(1);
  expect(ratios).toEqual([1]);
  expect(run).toMatchObject({ actor: "ann", reason: "history is gone" });
  await fixture.turn("swap");
  await expectLive(run.generation);
  expect(await listRebuildNeeded(fixture.db)).toEqual([]);

  // when the old ones come back, what they lack is told again
  await fixture.turn("rollback");
  expect(await listRebuildNeeded(fixture.db)).toEqual(marks);
  await fixture.turn("retire");
  const again = await fixture.build();
  await fixture.turn("swap");
  await fixture.turn("retire");
  expect(await listRebuildNeeded(fixture.db)).toEqual([]);
  await expectLive(again.generation);
});

test("rewind, replay of dead letters and rebuild exclude each other, also after a crash", async () => {
  // given a rebuild that was left
  const { id } = await startRebuild(fixture.parts, { actor: "ann" });
  const run = { projection, owner: "another", leaseMs: 60_000 };
  const take = (operation: string) => takeLease(fixture.db, { ...run, run: crypto.randomUUID(), operation });

  // then nobody else gets the lease, and the one that is at work is alone
  expect(await take("replay")).toMatchObject({ kind: "held", by: { run: id, operation: "rebuild start" } });
  const letters = holdingReadModel(fixture.db, { ...run, deadLetterTopic: "dlq.x" }, async () => {});
  await expect(letters).rejects.toMatchObject({ code: "lease-held" });
  let second: Promise<unknown> | undefined;
  const passing = () => {
    second ??= advanceRebuild({ ...fixture.parts, leaseMs: 10 }, { id, signal }).catch((fault) => fault);
  };
  await fixture.advance(id, { passing });
  expect(await second).toMatchObject({ code: "lease-held" });
  await fixture.turn("abort");

  // given a rewind that was left
  const taken = await take("replay");

  // then
  await expect(fixture.build()).rejects.toMatchObject({
    code: "lease-held",
    message: expect.stringContaining("`replay`"),
  });
  expect(await listOpenRebuilds(fixture.db, 0)).toEqual([]);
  expect((await listAudit(fixture.db, { limit: 1 }))[0]).toMatchObject({
    operation: "rebuild start",
    outcome: "refused",
  });
  if (taken.kind === "taken") await releaseLease(fixture.db, taken.lease);
});
