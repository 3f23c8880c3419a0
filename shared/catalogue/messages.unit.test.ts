import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { productCommandSchemas } from "../domain/products/product-commands.ts";
import { reservationCommandSchemas, reservationStates } from "../domain/reservations/reservation.ts";
import { messages } from "./messages.ts";
import { topics } from "./topics.ts";

const commands = [...Object.keys(productCommandSchemas), ...Object.keys(reservationCommandSchemas)];
const id = "01890a5d-ac96-774b-bcce-b302099a8057";

test.each(commands)("%s is a command on its topic, and its refusal an event without a version", (type) => {
  expect(messages.get(type)).toMatchObject({ kind: "command", topic: topics.productCommands.name });
  const rejection = messages.get(`${type}-rejected`);
  expect(rejection).toMatchObject({ kind: "event", topic: topics.productEvents.name, unversioned: true });
  const data = { id, command: id, reason: "not-found" };
  for (const told of [data, { ...data, detail: { asked: 3, rules: [{ path: ["stock"] }] } }])
    expect(rejection?.schema.parse(told)).toEqual(told);
  for (const wrong of [
    { ...data, command: "7" },
    { ...data, id: "7" },
    { id, command: id },
  ])
    expect(rejection?.schema.safeParse(wrong).success).toBe(false);
});

test.each(reservationStates)("that a reservation is %s is a versioned event", (state) => {
  const definition = messages.get(`reservation.${state}`);
  expect(definition).toMatchObject({ kind: "event", topic: topics.productEvents.name });
  expect(definition?.unversioned).toBeUndefined();
});

test("every message is in the AsyncAPI document, on its channel, which says what goes over it", () => {
  const document = JSON.parse(readFileSync(new URL("../../docs/asyncapi.json", import.meta.url), "utf8"));
  for (const { type, topic } of messages.definitions) {
    const key = type.replaceAll(".", "-");
    expect(document.channels[topic.replaceAll(".", "-")].messages).toHaveProperty(key);
    expect(document.components.messages).toHaveProperty(key);
  }
  for (const { description } of [topics.productEvents, topics.productCommands])
    expect(JSON.stringify(document.channels)).toContain(JSON.stringify(description).slice(1, -1));
});

test.each([
  [
    "product.create",
    {
      fields: {
        sku: "A",
        title: "Oak",
        category: "wood",
        invented: 1,
        price: { amount: 1, currency: "EUR", invented: 1 },
      },
    },
  ],
  ["product.change", { patch: { title: "Elm", invented: 1, price: { amount: 1, invented: 1 } } }],
])("a %s from a producer that is ahead of us is taken, without what is unknown here", (type, data) => {
  const parsed = messages.get(type)?.schema.safeParse({ id, ...data });

  expect(parsed?.success).toBe(true);
  expect(JSON.stringify(parsed?.data)).not.toContain("invented");
});
