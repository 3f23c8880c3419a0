import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, inject, test } from "vitest";
import { someProduct } from "../../shared/catalogue/testing/product-events.ts";
import { kafkaPublisher } from "../../shared/kafka/kafka-publisher.ts";
import { toHeaders } from "../../shared/messaging/cloud-event.ts";
import { silentLog } from "../../shared/observability/logger.ts";
import { eventually } from "../../shared/testing/eventually.ts";
import { sluice, startSluice } from "./testing/sluice-process.ts";

const { databaseUrl, kafkaBrokers } = inject("stack");
const addresses = { DATABASE_URL: databaseUrl, KAFKA_BROKERS: kafkaBrokers, SLUICE_ACTOR: "ann" };
const run = (words: string, ...more: readonly string[]) => sluice([...words.split(" "), ...more], addresses);
const json = async (words: string, ...more: readonly string[]) => {
  const { code, stdout, stderr } = await run(`${words} --json`, ...more);
  return { code, stderr, result: stdout === "" ? undefined : JSON.parse(stdout) };
};

/** An event that the running system's consumer cannot use. */
const poison = async () => {
  const id = randomUUID();
  const { id: key } = someProduct();
  const about = { id, source: "urn:test", type: "product.updated", subject: key, time: new Date().toISOString() };
  const connection = { brokers: kafkaBrokers.split(","), clientId: "test", log: silentLog };
  const publisher = kafkaPublisher({ connection });
  const headers = toHeaders({ ...about, sequence: "1" });
  await publisher.publish([{ topic: "product.events", key, value: '{"nothing": "of a product"}', headers }]);
  await publisher.close();
  return id;
};

test("poison is read, counted, replayed, and comes back with its count, each by the tool's own process", async () => {
  // given
  const event = await poison();
  const topic = "dlq.product.events";
  const read = () => json(`dlq read --topic ${topic} --from-beginning`, "--event-id", event);
  const letters = (count: number) => eventually(read, ({ result }) => result.length === count);
  const first = await letters(1);
  expect(first.result).toMatchObject([
    { topic, reason: "wrong-schema", eventId: event, type: "product.updated", replays: 0 },
  ]);
  expect(first.result[0].origin).toMatchObject({ topic: "product.events" });
  const people = await run(`dlq read --topic ${topic} --from-beginning`, "--event-id", event);
  expect(people.stdout).toMatch(/^PARTITION +OFFSET +AGE +REASON +ORIGIN +EVENT-ID +TYPE +KEY +REPLAYS\n/);
  const raw = await run(`dlq read --topic ${topic} --raw`, "--event-id", event);
  expect(raw.stdout).toContain('  value: {"nothing": "of a product"}');
  expect((await json("dlq stats")).result).toEqual(
    expect.arrayContaining([expect.objectContaining({ topic, reason: "wrong-schema", type: "product.updated" })]),
  );

  // when
  const replay = (...more: readonly string[]) =>
    json(`dlq replay --topic ${topic} --target product.events`, "--event-id", event, ...more);
  expect(await replay()).toMatchObject({ code: 0, result: { executed: false, matched: 1, replayed: 1 } });
  expect(await replay("--execute")).toMatchObject({ code: 0, result: { executed: true, matched: 1, replayed: 1 } });

  // then it fails again, and the first one is not sent again
  const { result } = await letters(2);
  expect(result.map(({ replays }: { replays: number }) => replays)).toEqual([0, 1]);
  expect(await replay()).toMatchObject({ result: { matched: 2, replayed: 1, alreadyReplayed: 1 } });
  expect((await json("audit list --operation dlq")).result[0]).toMatchObject({
    ...{ actor: "ann", operation: "dlq replay", target: topic, outcome: "done" },
    after: { replayed: 1 },
  });
});

test("Ctrl-C ends a replay after the page in flight, and the next run sends the rest", async () => {
  // given
  const events = [await poison(), await poison(), await poison()];
  const words = "dlq replay --topic dlq.product.events --target product.events --execute".split(" ");
  await eventually(
    () => json("dlq read --topic dlq.product.events --from-beginning", "--event-id", ...events),
    ({ result }) => result.length === 3,
  );

  // when a rate leaves it time
  const child = startSluice([...words, "--rate", "1", "--event-id", ...events], addresses);
  const told = child.stderr ? text(child.stderr) : "";
  child.stderr?.once("data", () => child.kill("SIGINT")); // its first progress: one was sent
  const [code] = await once(child, "exit");

  // then
  expect(code).toBe(1);
  expect(await told).toContain("sluice: stopped after");
  const rest = await json(words.join(" "), "--event-id", ...events);
  expect(rest.result.alreadyReplayed).toBeGreaterThanOrEqual(1);
  expect(rest.result.alreadyReplayed).toBeLessThan(3);
  expect(rest.result).toMatchObject({ ended: "all", refused: {} });
});

test.each([
  ["dlq replay --topic dlq.product.events --target product.commands --execute", 3, "came from product.events"],
  ["dlq replay --topic dlq.product.events --target product.commands", 3, "came from product.events"],
  ["dlq replay --topic product.events --target product.events", 3, "is no dead-letter topic"],
  ["dlq read --topic dlq.nothing", 3, "there is no topic dlq.nothing"],
  ["dlq replay --topic dlq.product.events", 2, "--target"],
  ["dlq replay --topic dlq.product.events --target product.events --rate 0", 2, "--rate"],
])("%s ends with %i", async (words, code, said) => {
  const ran = await run(words);
  expect(ran).toMatchObject({ code, stdout: "" });
  expect(ran.stderr).toContain(said);
});
