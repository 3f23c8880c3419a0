import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EmbeddedPart } from "../../../scripts/stack/part.ts";
import { startPostgres } from "../../../scripts/stack/postgres.ts";
import { kafkaPublisher } from "../../kafka/kafka-publisher.ts";
import { uuidV7 } from "../../messaging/uuid-v7.ts";
import { silentLog } from "../../observability/logger.ts";
import { advanceRebuild } from "../../operations/rebuild/advance-rebuild.ts";
import { beginCourse } from "../../operations/rebuild/begin-course.ts";
import { startRebuild } from "../../operations/rebuild/start-rebuild.ts";
import { outboxStatus } from "../../outbox/outbox-status.ts";

import { eventually } from "../../testing/eventually.ts";
import { createTopic, type TestTopic } from "../../testing/kafka-topic.ts";
import { newProduct } from "../api/testing/test-api.ts";
import { provisionDatabase } from "../provision-database.ts";
import { commandRecord } from "../testing/command-records.ts";
import { createReadModels, type TestReadModels } from "../testing/read-models.ts";
import { openRebuildParts } from "../testing/rebuild-parts.ts";
import { type HostedOn, startHostedCatalogue } from "../testing/rewindable-catalogue.ts";
import { partitions } from "../testing/whole-catalogue.ts";
import { fenceRestore, planFence } from "./fence-restore.ts";

/** A server whose data folder can be copied, beside topics and an index that stay where they are. */
let folder: string;
let server: EmbeddedPart;
let models: TestReadModels;
let topics: readonly TestTopic[] = [];
let on: HostedOn;
let system: Awaited<ReturnType<typeof startHostedCatalogue>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-restore-"));
  server = await startPostgres({ dir: join(folder, "server"), durable: false });
  await provisionDatabase(server.address, { log: () => {} });
  models = await createReadModels(async () => ({ url: server.address, drop: async () => {} }));
  const [commands, events] = await Promise.all([createTopic({ partitions }), createTopic({ partitions })]);
  topics = [commands, events];
  on = { models, commands, events };
  system = await startHostedCatalogue(on);
});
afterAll(async () => {
  await system?.stop().catch(() => {}); // stopped already, when a restart failed
  await models?.[Symbol.asyncDispose]();
  await server?.stop();
  await Promise.all(topics.map((topic) => topic.drop()));
  rmSync(folder, { recursive: true, force: true });
});

const untilQuiet = () => eventually(system.isQuiet, (quiet) => quiet);

const copy = (from: string, to: string): void => {
  rmSync(join(folder, to), { recursive: true, force: true });
  execFileSync("cp", ["-a", join(folder, from), join(folder, to)]); // with owner and mode, without which PostgreSQL does not start
};

/** With the service stopped, as the manual says; its data folder is copied while the server is down. */
const whileDown = async (work: () => void): Promise<void> => {
  await system.stop();
  await server.stop();
  work();
  await server.start();
};

const backUp = async (): Promise<void> => {
  await whileDown(() => copy("server/data", "backup"));
  system = await startHostedCatalogue(on);
};

const created = async (fields: object): Promise<string> =>
  (await system.ask("POST /products", { body: newProduct(fields) })).body.id;

const retitled = async (id: string, version: number, title: string): Promise<void> => {
  const headers = { "if-match": `"${version}"` };
  expect((await system.ask(`PATCH /products/${id}`, { headers, body: { title } })).status).toBe(200);
};

const stateOf = async (reservation: string): Promise<string | undefined> =>
  (await system.ask(`GET /reservations/${reservation}`)).body.state;

const placed = async (productId: string, quantity: number): Promise<string> => {
  const body = { lines: [{ productId, quantity }], expiresInSeconds: 3_600 };
  return (await system.ask("POST /reservations", { body })).body.id;
};

/** All that is in the outbox is in Kafka. */
const allSent = () =>
  eventually(
    () => outboxStatus(models.db),
    ({ pending }) => pending === 0,
  );

/** A command of a reservation that only the time after the copy knew, still unread at the restore. */
const ghostReserve = async (id: string): Promise<void> => {
  const connection = { brokers: system.brokers.split(","), clientId: "ghost", log: silentLog };
  const publisher = kafkaPublisher({ connection });
  const record = commandRecord("product.reserve-stock", { id, reservationId: uuidV7(), line: 0, quantity: 4 });
  await publisher.publish([{ ...record, topic: on.commands.name }]);
  await publisher.close();
};

const rowsOf = async <Row extends object>(text: string, ...values: readonly unknown[]): Promise<readonly Row[]> =>
  (await models.db.query<Row>({ text, values })).rows;

const held = async (id: string) => {
  const document = (await models.documents()).get(id) as { title?: string; version?: number } | undefined;
  const row = (await models.rows()).get(id);
  return { document: document?.title, row: row?.document?.title };
};

const versionOf = async (id: string): Promise<number> =>
  (await rowsOf<{ version: number }>("select version from products where id = $1", id))[0]?.version as number;

const auditOf = () => rowsOf("select actor, operation, outcome, reason from audit where operation = 'restore fence'");

const stockOf = async (id: string) => (await rowsOf("select stock, reserved from products where id = $1", id))[0];

/** Both read models anew from the write model, compared with it, and put in place. Answers the new index. */
const rebuilt = async (): Promise<string> => {
  const { databaseUrl, searchUrl, alias } = models;
  const { brokers, controlUrl, controlToken, projections: group } = system;
  const where = { databaseUrl, searchUrl, alias, brokers, topic: on.events.name, controlUrl, controlToken };
  const { parts, close } = openRebuildParts(where, { group });
  const { signal } = new AbortController();
  try {
    const { id } = await startRebuild(parts, { actor: "ann" });
    await advanceRebuild(parts, { id, signal });
    await beginCourse(parts, "swap", { actor: "ann" });
    return (await advanceRebuild(parts, { id, signal })).made.index;
  } finally {
    await close();
  }
};

test("a database that is put back to an earlier time: fenced, what is written then is seen, lost commands are done, ghosts hold nothing", async () => {
  // given: a product, and a reservation whose command is sent and not yet done when the copy is made
  const mug = await created({ title: "before", stock: 10 });
  const pot = await created({ title: "pot", stock: 10 });
  await untilQuiet();
  await system.control.disable(system.doers.functionName);
  const late = await placed(pot, 3);
  await allSent();
  await backUp();

  // and, after that time: the command is done, the product changed twice, a reservation made that the copy does not know
  await untilQuiet();
  expect(await stateOf(late)).toBe("reserved");
  await retitled(mug, 1, "ghost 2");
  await retitled(mug, 2, "ghost 3");
  const ghost = await placed(mug, 2);
  const unknown = await created({ title: "made and taken back" });
  await untilQuiet();
  expect(await held(mug)).toEqual({ document: "ghost 3", row: "ghost 3" });

  // when
  await whileDown(() => copy("backup", "server/data"));
  system = await startHostedCatalogue(on);
  await ghostReserve(pot);
  await untilQuiet();

  // then: what is written is not seen, the reservation waits, and stock is held for nobody
  await retitled(mug, 1, "swallowed");
  await untilQuiet();
  expect(await held(mug)).toEqual({ document: "ghost 3", row: "swallowed" });
  expect(await stateOf(late)).toBe("placed");
  expect(await stockOf(pot)).toEqual({ stock: 6, reserved: 4 });
  expect(await stateOf(ghost)).toBeUndefined();
  const planned = await planFence(models.db);
  expect(planned).toMatchObject({
    products: 2,
    reservations: 1,
    undoneCommands: 1,
    orphanHolds: [{ productId: pot, quantity: 4 }],
  });

  // when
  await fenceRestore(models.db, { actor: "ann", reason: "a test", clock: Date.now });
  await untilQuiet();
  await retitled(mug, await versionOf(mug), "after");
  await untilQuiet();

  // then
  expect(await held(mug)).toEqual({ document: "after", row: "after" });
  expect(await versionOf(mug)).toBeGreaterThan(planned.versionsFrom);
  expect(await stateOf(late)).toBe("reserved");
  expect(await stockOf(pot)).toEqual({ stock: 7, reserved: 3 });
  expect(await planFence(models.db)).toMatchObject({ undoneCommands: 0, orphanHolds: [] });

  // when
  expect([...(await models.documents()).keys()]).toContain(unknown);
  const index = await rebuilt();

  // then: readers see what the write model has, and nothing of the time that was taken back
  const versions = [...(await models.documents(index))].map(([id, { version }]) => [id, version]);
  expect(versions).toEqual([
    [mug, await versionOf(mug)],
    [pot, await versionOf(pot)],
  ]);
  expect([...(await models.rows()).keys()]).toEqual([mug, pot]);
  expect(await auditOf()).toEqual([{ actor: "ann", operation: "restore fence", outcome: "done", reason: "a test" }]);
});
