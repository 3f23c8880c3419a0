import { randomUUID } from "node:crypto";
import { newProduct } from "../../../shared/catalogue/api/testing/test-api.ts";
import { topics } from "../../../shared/catalogue/topics.ts";
import { kafkaPublisher } from "../../../shared/kafka/kafka-publisher.ts";
import { toHeaders } from "../../../shared/messaging/cloud-event.ts";
import { uuidV7 } from "../../../shared/messaging/uuid-v7.ts";
import { silentLog } from "../../../shared/observability/logger.ts";
import { eventually } from "../../../shared/testing/eventually.ts";
import { withAdmin } from "../../../shared/testing/kafka-topic.ts";
import { sluice } from "../../sluice/testing/sluice-process.ts";
import type { RunningParts } from "./running-parts.ts";

/** States of the running system in which a section of the manual is looked up. */

const json = async ({ stack }: RunningParts, words: string) => {
  const { code, stdout, stderr } = await sluice([...words.split(" "), "--json", "--name", stack]);
  if (code !== 0) throw new Error(`sluice ${words} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout);
};

/** Products with a few changes, by HTTP. Answers their ids. */
export const someProducts = async ({ ask }: RunningParts, count: number): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let number = 0; number < count; number++) {
    const { body } = await ask("POST /products", { body: newProduct({ stock: 10 }) });
    await ask(`PATCH /products/${body.id}`, { body: { stock: 20 }, headers: { "if-match": '"1"' } });
    ids.push(body.id);
  }
  return ids;
};

/** One that is reserved, and one that is refused for want of stock. */
export const someReservations = async ({ ask }: RunningParts, [one, other]: readonly string[]): Promise<void> => {
  for (const quantity of [2, 1_000]) {
    const lines = [one, other].map((productId) => ({ productId, quantity }));
    await ask("POST /reservations", { body: { lines, expiresInSeconds: 3_600 } });
  }
};

const allSent = (parts: RunningParts): Promise<unknown> =>
  eventually(
    () => json(parts, "outbox status"),
    ({ pending }) => pending === 0,
  );

/** All that was written is sent, read and in the read models. */
export const allCaughtUp = async (parts: RunningParts): Promise<void> => {
  await allSent(parts);
  for (const group of ["product-event-projection-group", "product-command-group"])
    await eventually(
      () => json(parts, `groups describe --group ${group}`),
      (rows: readonly { lag: number | null; unread: number }[]) => rows.every(({ unread }) => unread === 0),
    );
};

/** Records that the projection cannot use: three of a wrong schema, two of an unknown type. */
export const somePoison = async (parts: RunningParts): Promise<void> => {
  const connection = { brokers: (await parts.kafkaBrokers()).split(","), clientId: "manual", log: silentLog };
  const publisher = kafkaPublisher({ connection });
  const types = ["product.updated", "product.updated", "product.updated", "product.renamed", "product.renamed"];
  const records = types.map((type) => {
    const key = uuidV7();
    const about = { id: uuidV7(), source: "urn:manual", type, subject: key, time: new Date().toISOString() };
    return { topic: topics.productEvents.name, key, value: "{}", headers: toHeaders({ ...about, sequence: "1" }) };
  });
  await publisher.publish(records);
  await publisher.close();
  await eventually(
    () => json(parts, `dlq read --topic ${topics.productEventsDeadLetters.name} --from-beginning`),
    (letters: readonly unknown[]) => letters.length >= records.length,
  );
};

const setLimit = async (parts: RunningParts, bytes: number): Promise<void> =>
  withAdmin(await parts.kafkaBrokers(), async (admin) => {
    const configEntries = [{ name: "max.message.bytes", value: String(bytes) }];
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: 2, name: topics.productEvents.name, configEntries }],
    });
  });

/** A row that was too large for its topic, two more of its key behind it, and the topic mended since. */
export const aParkedRow = async (parts: RunningParts): Promise<void> => {
  const { body } = await parts.ask("POST /products", { body: newProduct({ stock: 1 }) });
  await allCaughtUp(parts);
  await setLimit(parts, 2_000);
  const description = "a description that is too long for the topic ".repeat(60);
  const change = (version: number, changed: object) =>
    parts.ask(`PATCH /products/${body.id}`, { body: changed, headers: { "if-match": `"${version}"` } });
  await change(1, { description });
  await eventually(
    () => json(parts, "outbox status"),
    ({ parked }) => parked === 1,
  );
  await change(2, { description: "", title: randomUUID() });
  await change(3, { stock: 3 });
  await setLimit(parts, 1_048_588);
};

export const pauseGroup = (parts: RunningParts): Promise<void> =>
  json(parts, "groups pause --group product-event-projection-group --reason a-test");

export const resumeGroup = (parts: RunningParts): Promise<void> =>
  json(parts, "groups resume --group product-event-projection-group");

/** Records in the topic that the group has not read, as behind a flood. */
export const someUnread = async (parts: RunningParts): Promise<void> => {
  await pauseGroup(parts);
  await someProducts(parts, 5);
  await allSent(parts);
};

/** A rewind to the beginning whose group has not read anything again yet. */
export const anUnreadRewind = async (parts: RunningParts): Promise<void> => {
  await pauseGroup(parts);
  await json(parts, "replay --group product-event-projection-group --to-earliest --execute --no-follow");
};

/** The values that a block marked `sh row`, `sh id` or `sh run` stands for, as the section's own command lists them. */
export const values: Readonly<Record<string, (parts: RunningParts) => Promise<string>>> = {
  row: async (parts) => String((await json(parts, "outbox parked"))[0].id),
  run: async (parts) => (await json(parts, "replay list --limit 1"))[0].id,
  id: async ({ ask }) => (await ask("GET /products?limit=1")).body.items[0].id,
};
