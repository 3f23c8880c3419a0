import fc from "fast-check";
import type { Product } from "../../domain/products/product.ts";
import { type CloudEvent, toHeaders } from "../../messaging/cloud-event.ts";
import { dataschemaOf } from "../../messaging/message-registry.ts";
import type { InboundRecord } from "../../messaging/record.ts";
import { uuidV7 } from "../../messaging/uuid-v7.ts";

const encoder = new TextEncoder();

/** A product that is like any other, but for what the test is about. */
export const someProduct = (fields: Partial<Product> = {}): Product => {
  const id = fields.id ?? uuidV7();
  return {
    id,
    sku: `sku-${id.slice(-12)}`,
    title: "Oak table",
    description: "A table of oak.",
    category: "furniture",
    price: { amount: 19_900, currency: "EUR" },
    stock: 7,
    reserved: 0,
    committed: 0,
    attributes: { colour: "brown", legs: 4, outdoor: false },
    status: "active",
    version: 1,
    createdAt: "2026-01-02T03:04:05.678Z",
    updatedAt: "2026-01-02T03:04:05.678Z",
    ...fields,
  };
};

const typeOf = ({ status, version }: Product): string => {
  if (status === "archived") return "product.archived";
  return version === 1 ? "product.created" : "product.updated";
};

/** The envelope that a product's event has. */
export const eventOf = (product: Product, fields: Partial<CloudEvent> = {}): CloudEvent => {
  const type = fields.type ?? typeOf(product);
  return {
    id: uuidV7(),
    source: "urn:sluice:test",
    type,
    subject: product.id,
    time: product.updatedAt,
    dataschema: dataschemaOf({ type, version: 1 }),
    sequence: String(product.version),
    correlationId: `correlation-${product.id}`,
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ...fields,
  };
};

let offsets = 0n;

/** A record of `product.events`; each call's offset is higher than the last one's. */
export const recordOf = (
  product: Product,
  fields: Partial<InboundRecord> = {},
  event = eventOf(product),
): InboundRecord => ({
  topic: "product.events",
  partition: 0,
  offset: offsets++,
  timestamp: 1_767_323_045_678,
  timestampType: "LOG_APPEND_TIME",
  key: encoder.encode(product.id),
  value: encoder.encode(JSON.stringify(product)),
  headers: toHeaders(event).map(([name, value]) => [name, typeof value === "string" ? encoder.encode(value) : value]),
  ...fields,
});

const fieldsArbitrary = fc.record({
  title: fc
    .string({ minLength: 1, maxLength: 40, unit: "grapheme" })
    .map((title) => title.slice(0, 200).toWellFormed().trim() || "untitled"),
  description: fc.string({ maxLength: 80, unit: "binary" }).map((text) => text.replaceAll("\u0000", "")),
  amount: fc.integer({ min: 0, max: 1_000_000_000_000 }),
  stock: fc.nat(1_000_000_000),
  attributes: fc.dictionary(
    fc.string({ minLength: 1, maxLength: 20 }),
    fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
    ),
    { maxKeys: 5 },
  ),
  status: fc.constantFrom("draft" as const, "active" as const),
});

/** The states that a few products go through, oldest first; about a third of them end archived. */
export const historiesArbitrary: fc.Arbitrary<readonly (readonly Product[])[]> = fc.array(
  fc
    .tuple(fc.array(fieldsArbitrary, { minLength: 1, maxLength: 5 }), fc.integer({ min: 0, max: 2 }))
    .map(([changes, fate]) => {
      const id = uuidV7();
      const states = changes.map(({ amount, ...fields }, index) =>
        someProduct({ id, version: index + 1, price: { amount, currency: "EUR" }, ...fields }),
      );
      const last = states.at(-1) as Product;
      return fate === 0 ? [...states, { ...last, version: last.version + 1, status: "archived" as const }] : states;
    }),
  { minLength: 1, maxLength: 8 },
);

/** The same things in another order. */
export const shuffled = <T>(things: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...things], { minLength: things.length });

/** Cut into pieces of one to `most`. */
export const cut = <T>(things: readonly T[], sizes: readonly number[]): T[][] => {
  const pieces: T[][] = [];
  let start = 0;
  for (let index = 0; start < things.length; index++) {
    const size = Math.max(1, sizes[index % sizes.length] ?? 1);
    pieces.push(things.slice(start, start + size));
    start += size;
  }
  return pieces;
};
