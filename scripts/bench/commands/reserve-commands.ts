import { messages } from "../../../shared/catalogue/messages.ts";
import type { Product } from "../../../shared/domain/products/product.ts";
import type { ReserveStock } from "../../../shared/domain/products/stock-decision.ts";
import { toHeaders } from "../../../shared/messaging/cloud-event.ts";
import { dataschemaOf, type MessageDefinition } from "../../../shared/messaging/message-registry.ts";
import type { OutboundRecord } from "../../../shared/messaging/record.ts";
import { uuidV7 } from "../../../shared/messaging/uuid-v7.ts";

export const products = 2_000;
const type = "product.reserve-stock";

/** Products with so much stock that nothing is refused. */
export const benchProducts = (): readonly Product[] =>
  Array.from({ length: products }, (_, number) => ({
    id: uuidV7(),
    sku: `sku-${number}`,
    title: `Product number ${number}`,
    description: "x".repeat(180),
    category: "bench",
    price: { amount: number, currency: "EUR" },
    stock: 1_000_000,
    reserved: 0,
    committed: 0,
    attributes: { colour: "brown", legs: 4 },
    status: "active",
    version: 1,
    createdAt: "2026-01-02T03:04:05.678Z",
    updatedAt: "2026-01-02T03:04:05.678Z",
  }));

/** One unit for a reservation of its own each, of one product after the other. */
export const reserveCommands = (among: readonly Product[], count: number): readonly ReserveStock[] =>
  Array.from({ length: count }, (_, number) => ({
    type,
    id: (among[number % among.length] as Product).id,
    reservationId: uuidV7(),
    line: 0,
    quantity: 1,
  }));

/** The record that the relay would make of it. */
export const toRecord = ({ type: _type, ...data }: ReserveStock, topic: string): OutboundRecord => {
  const now = new Date().toISOString();
  const dataschema = dataschemaOf(messages.get(type) as MessageDefinition);
  const event = { id: uuidV7(), source: "urn:sluice:bench", type, subject: data.id, time: now, dataschema };
  return { topic, key: data.id, value: JSON.stringify(data), headers: toHeaders(event) };
};
