import type { Product } from "../../../shared/domain/products/product.ts";
import { toMskEvent } from "../../../shared/kafka/msk-event.ts";
import { toHeaders } from "../../../shared/messaging/cloud-event.ts";
import { dataschemaOf } from "../../../shared/messaging/message-registry.ts";
import type { InboundRecord } from "../../../shared/messaging/record.ts";
import { uuidV7 } from "../../../shared/messaging/uuid-v7.ts";

const words = "oak ash elm fir table chair lamp shelf desk bench round long light dark small tall old new".split(" ");
const partitions = 6;

/** A product of some 500 bytes of JSON, with texts that an index has work with. */
const productOf = (id: string, version: number, number: number): Product => {
  const word = (place: number) => words[(number * 7 + place * 13) % words.length];
  return {
    id,
    sku: `sku-${number}`,
    title: `${word(1)} ${word(2)} ${number}`,
    description: Array.from({ length: 38 }, (_, place) => word(place)).join(" "),
    category: word(3) ?? "none",
    price: { amount: number, currency: "EUR" },
    stock: number % 100,
    reserved: 0,
    committed: 0,
    attributes: { colour: word(4) ?? "none", legs: 4 },
    status: "active",
    version,
    createdAt: "2026-01-02T03:04:05.678Z",
    updatedAt: "2026-01-02T03:04:05.678Z",
  };
};

/**
 * States in batches, as events bring them: each of a product of its own, or of so few that every batch has many of each.
 */
export const productStates = (size: {
  readonly batches: number;
  readonly batchSize: number;
  readonly products?: number;
}): readonly (readonly Product[])[] => {
  const { batches, batchSize, products = batches * batchSize } = size;
  const ids = Array.from({ length: products }, () => uuidV7());
  return Array.from({ length: batches }, (_, batch) =>
    Array.from({ length: batchSize }, (_, place) => {
      const number = batch * batchSize + place;
      return productOf(ids[number % products] as string, Math.floor(number / products) + 1, number);
    }),
  );
};

const encoder = new TextEncoder();

const recordOf = (product: Product, number: number): InboundRecord => ({
  topic: "product.events",
  partition: number % partitions,
  offset: BigInt(number),
  timestamp: Date.now(),
  timestampType: "LOG_APPEND_TIME",
  key: encoder.encode(product.id),
  value: encoder.encode(JSON.stringify(product)),
  headers: toHeaders({
    id: uuidV7(),
    source: "urn:sluice:products",
    type: product.version === 1 ? "product.created" : "product.updated",
    subject: product.id,
    time: product.updatedAt,
    dataschema: dataschemaOf({ type: product.version === 1 ? "product.created" : "product.updated", version: 1 }),
    sequence: String(product.version),
    correlationId: uuidV7(),
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  }).map(([name, value]) => [name, typeof value === "string" ? encoder.encode(value) : value]),
});

/** The invocations of a Kafka mapping that bring these states, each as JSON. */
export const productEvents = (states: readonly (readonly Product[])[]): readonly string[] => {
  let number = 0;
  return states.map((products) => {
    const records = products.map((product) => recordOf(product, number++));
    const source = { bootstrapServers: "b-1:9098", eventSourceArn: "arn:aws:kafka:eu-west-1:1:cluster/bench/1" };
    return JSON.stringify(toMskEvent(records, source));
  });
};
