import { randomUUID } from "node:crypto";
import { afterAll, expect, inject, test } from "vitest";
import { newProduct } from "../../shared/catalogue/api/testing/test-api.ts";
import { kafkaPublisher } from "../../shared/kafka/kafka-publisher.ts";
import { toHeaders } from "../../shared/messaging/cloud-event.ts";
import { silentLog } from "../../shared/observability/logger.ts";
import { askSystem } from "../../shared/testing/ask-system.ts";
import { query } from "../../shared/testing/database.ts";
import { eventually } from "../../shared/testing/eventually.ts";
import { sluice } from "./testing/sluice-process.ts";

/** The tool against the stage that the running system is: `local`, or in the emulator tier one on AWS. */
const { name: stage, environment } = inject("stage");
const { databaseUrl, kafkaBrokers } = inject("stack");
const ask = askSystem(inject("systemUrl"));
const group = "product-event-projection-group";
const publisher = kafkaPublisher({
  connection: { brokers: kafkaBrokers.split(","), clientId: "stage-test", log: silentLog },
});
afterAll(() => publisher.close());

const run = (words: string, ...more: readonly string[]) =>
  sluice([...words.split(" "), ...more, "--stage", stage], { ...environment, SLUICE_ACTOR: "ann" });

const json = async (words: string, ...more: readonly string[]) => {
  const { code, stdout, stderr } = await run(`${words} --json`, ...more);
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
};

test("a rewind to the beginning mends a row that was damaged, and the group reads on", async () => {
  // given
  const { body } = await ask("POST /products", { body: newProduct({ stock: 5 }) });
  const read = () => ask(`GET /products/${body.id}`);
  await eventually(read, ({ status }) => status === 200);
  const damaged = `replace(document::text, '"stock":5', '"stock":99')::json`;
  await query(databaseUrl, `update product_view set document = ${damaged} where id = '${body.id}'`);
  expect((await read()).body.stock).toBe(99);

  // when
  const plan = await json(`replay --group ${group} --to-earliest`);
  const done = await json(`replay --group ${group} --to-earliest --execute`, "--reason", "a damaged row");

  // then
  expect(plan).toMatchObject({ group });
  expect(done).toMatchObject({ groupId: group, outcome: "done", actor: "ann" });
  expect((await read()).body.stock).toBe(5);
  const [audited] = await json("audit list --operation replay --limit 1");
  expect(audited).toMatchObject({
    actor: "ann",
    operation: "replay",
    target: group,
    outcome: "done",
    reason: "a damaged row",
  });
  const { body: later } = await ask("POST /products", { body: newProduct({ stock: 1 }) });
  await eventually(
    () => ask(`GET /products/${later.id}`),
    ({ status }) => status === 200,
  );
});

test("a command group is never rewound, and nothing is begun", async () => {
  const refused = await run("replay --group product-command-group --to-earliest --execute");
  expect(refused).toMatchObject({ code: 3, stdout: "" });
  expect(refused.stderr).toContain("command group");
});

test("a dead letter is read, sent back once, and comes back with its count", async () => {
  // given
  const id = randomUUID();
  const key = randomUUID();
  const about = { id, source: "urn:test", type: "product.updated", subject: key, time: new Date().toISOString() };
  const headers = toHeaders({ ...about, sequence: "1" });
  await publisher.publish([{ topic: "product.events", key, value: "{}", headers }]);
  const topic = "dlq.product.events";
  const letters = (count: number) =>
    eventually(
      () => json(`dlq read --topic ${topic} --from-beginning`, "--event-id", id),
      (found) => found.length === count,
    );
  await letters(1);

  // when
  const words = `dlq replay --topic ${topic} --target product.events`;
  const dry = await json(words, "--event-id", id);
  const sent = await json(`${words} --execute`, "--event-id", id);

  // then
  expect(dry).toMatchObject({ executed: false, matched: 1, replayed: 1 });
  expect(sent).toMatchObject({ executed: true, matched: 1, replayed: 1 });
  const found = await letters(2);
  expect(found.map(({ replays }: { replays: number }) => replays)).toEqual([0, 1]);
  expect(await json(words, "--event-id", id)).toMatchObject({ matched: 2, replayed: 1, alreadyReplayed: 1 });
});
