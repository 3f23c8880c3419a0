import { afterAll, beforeAll, expect, test } from "vitest";
import { uuidV7 } from "../messaging/uuid-v7.ts";
import { listAudit } from "../operations/audit/list-audit.ts";
import { planRepair, repairReadModel } from "../operations/parity/repair-read-model.ts";
import { verifyReadModels } from "../operations/parity/verify-read-models.ts";
import { advanceRebuild } from "../operations/rebuild/advance-rebuild.ts";
import { findRebuild } from "../operations/rebuild/find-rebuild.ts";
import { listOpenRebuilds } from "../operations/rebuild/progress.ts";
import { startRebuild } from "../operations/rebuild/start-rebuild.ts";
import { livePair } from "../projection/change-targets.ts";
import { purgeTombstones } from "../projection/purge-tombstones.ts";
import { productProjection } from "./product-projection.ts";
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

test("a difference blocks the swap and is listed; repaired, the same command goes on", async () => {
  // given what no event will mend: a row that is lost, a row and a document that are damaged, and a document of nothing
  const [lost, damaged, living] = [ids[1] as string, ids[2] as string, ids[3] as string];
  const nothing = uuidV7();
  const { id, made } = await startRebuild(fixture.parts, { actor: "ann" });
  const { search } = fixture.models;
  const write = (document: string, body: object, query: object) =>
    search.request({ method: "PUT", path: `/${made.index}/_doc/${document}`, body, query: { ...query } });
  const leave = new AbortController();
  const passing = (point: string) => {
    if (point === "build: before await-group") leave.abort();
  };
  await advanceRebuild({ ...fixture.parts, passing }, { id, signal: leave.signal });
  await fixture.db.query({ text: `delete from "${made.table}" where id = $1`, values: [lost] });
  await fixture.db.query({
    text: `update "${made.table}" set document = jsonb_set(document::jsonb, '{title}', '"else"') where id = $1`,
    values: [damaged],
  });
  const { version } = (await fixture.ask(`GET /products/${living}`)).body;
  await write(nothing, { id: nothing, version: 1 }, { version: 1, version_type: "external" });
  await write(living, { id: living, version }, { version, version_type: "external_gte" });

  // when
  const built = fixture.advance(id, { parityMs: 300 });

  // then
  await expect(built).rejects.toMatchObject({
    code: "read-models-differ",
    message: expect.stringContaining("in 4 places"),
    hint: expect.stringContaining("projection repair"),
  });
  const run = await findRebuild(fixture.db, id);
  expect(run).toMatchObject({ course: "build", step: "compare", fault: expect.stringContaining("read-models-differ") });
  const listed = run.differences.map(({ target, what, ...each }) => [each.id, target, what]);
  expect(new Set(listed.map(String))).toEqual(
    new Set(
      [
        [lost, made.table, "missing"],
        [damaged, made.table, "content"],
        [nothing, made.index, "unknown"],
        [living, made.index, "content"],
      ].map(String),
    ),
  );
  await expect(fixture.turn("swap")).rejects.toMatchObject({ code: "wrong-state" });
  expect((await livePair(fixture.db, projection))?.index).not.toBe(made.index);

  // when
  await expect(repairReadModel(fixture.parts, nothing, { actor: "ann" })).rejects.toMatchObject({ code: "unknown-id" });
  await search.request({ method: "DELETE", path: `/${made.index}/_doc/${nothing}` });
  expect((await planRepair(fixture.parts, lost)).differences).toMatchObject([{ target: made.table, what: "missing" }]);
  for (const each of [lost, damaged, living]) await repairReadModel(fixture.parts, each, { actor: "ann" });

  // then
  expect(await fixture.build()).toMatchObject({ step: undefined, differences: [], fault: undefined });
  expect(
    (await listAudit(fixture.db, { operation: "projection repair", limit: 9 })).map(({ outcome }) => outcome),
  ).toEqual([...["done", "done", "done"], "refused"]);

  // when what was compared is old by the time of the swap, it is compared again
  await fixture.db.query({ text: `delete from "${made.table}" where id = $1`, values: [lost] });
  await expect(fixture.turn("swap", { freshMs: 0, parityMs: 300 })).rejects.toMatchObject({
    code: "read-models-differ",
  });
  await fixture.turn("abort");
  expect((await livePair(fixture.db, projection))?.index).not.toBe(made.index);
});

test("what the gate waits for is told, and it is left instead of hanging", async () => {
  // given
  const patch = (id: string, stock: number) =>
    fixture.ask(`PATCH /products/${id}`, {
      body: { stock },
      headers: { "content-type": "application/merge-patch+json", "if-match": "*" },
    });
  fixture.mapping.disable();
  await fixture.mapping.reached("Disabled");
  await fixture.relay.stop();
  expect((await patch(ids[4] as string, 77)).status).toBe(200);
  await patch(ids[6] as string, 77);
  const park = "update outbox set status = 'PARKED' where aggregate_id = $1 and status = 'PENDING'";
  await fixture.db.query({ text: park, values: [ids[6]] });
  await patch(ids[6] as string, 78); // waits behind it

  // when, then: the outbox
  expect(await fixture.build({ stallMs: 300 })).toMatchObject({
    step: "await-outbox",
    note: "1 rows wait in the outbox and none is sent: is the publisher running?",
  });
  fixture.relay.start();

  // when, then: the group
  const waiting = await fixture.build({ stallMs: 1_500 });
  expect(waiting).toMatchObject({
    step: "await-group",
    note: expect.stringMatching(/^projection-.* has \d+ messages to read: nothing reads now: the mapping is disabled/),
  });
  expect(fixture.log.join("\n")).toContain("1 rows of the outbox are parked");
  const [open] = await listOpenRebuilds(fixture.db, Date.now());
  expect(open).toMatchObject({ state: "building", step: "await-group", ratio: 0.65 });

  // when, then: the rebuild has what was parked, though no event has told of it
  fixture.mapping.enable();
  const ready = await fixture.build();
  expect(ready).toMatchObject({ step: undefined, note: undefined });
  await fixture.turn("swap");
  expect((await fixture.ask(`GET /products/${ids[6]}`)).body.stock).toBe(78);
  await fixture.turn("retire");
  await fixture.db.query({ text: "update outbox set status = 'PENDING' where status = 'PARKED'" });
});

test("more late differences than are listed, which all come right at the last look: it goes on where it stopped", async () => {
  // given: all rows are damaged, which an event may mend at any time
  const { id, made } = await startRebuild(fixture.parts, { actor: "ann" });
  const leave = new AbortController();
  const passing = (point: string) => {
    if (point === "build: before await-group") leave.abort();
  };
  await advanceRebuild({ ...fixture.parts, passing }, { id, signal: leave.signal });
  const live = await livePair(fixture.db, projection);
  await fixture.db.query({
    text: `update "${made.table}" set document = jsonb_set(document::jsonb, '{title}', '"else"')`,
  });
  const mend = `update "${made.table}" made set document = live.document from "${live?.table}" live where live.id = made.id`;

  // when: they are mended after the look that has found too many
  let looks = 0;
  const { model } = fixture.parts;
  const byId: typeof model.writeModel.byId = async (...asked) => {
    const rows = await model.writeModel.byId(...asked);
    if (++looks === 1) await fixture.db.query({ text: mend });
    return rows;
  };
  const late = { ...model, writeModel: { ...model.writeModel, byId } };
  const compareLimits = { suspectsAtOnce: 10, mostDifferences: 10 };
  const ready = await fixture.advance(id, { model: late, compareLimits, pageSize: 20, parityMs: 0 });

  // then
  expect(looks).toBe(2);
  expect(ready).toMatchObject({ step: undefined, differences: [], fault: undefined, total: count });
  await fixture.turn("abort");
});

test("tombstones are not purged while it is built; one that was purged is no difference", async () => {
  // given
  const { made } = await fixture.build();
  await fixture.db.query({ text: `update "${made.table}" set written_at = now() - interval '1 year'` });
  const live = await livePair(fixture.db, projection);
  await fixture.db.query({ text: `update "${live?.table}" set written_at = now() - interval '1 year'` });
  const purge = () => purgeTombstones({ ...fixture.parts, db: fixture.db, projection, olderThanMs: 1, limit: 10_000 });

  // when, then
  expect(await purge()).toBe(0);
  await fixture.turn("swap");
  expect(await purge()).toBeGreaterThan(count / 10);

  // then: a purged tombstone of long ago is no difference, one of today is
  const request = { limitMs: 300, signal };
  expect(new Set((await verifyReadModels(fixture.parts, request)).differences.map(({ what }) => what))).toEqual(
    new Set(["missing"]),
  );
  const later = { ...fixture.parts, clock: () => Date.now() + fixture.parts.model.tombstoneRetentionMs };
  expect(await verifyReadModels(later, request)).toMatchObject({ differences: [] });
  await fixture.turn("retire");
});
