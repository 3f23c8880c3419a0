import { expect, test } from "vitest";
import * as z from "zod";
import type { CloudEvent } from "./cloud-event.ts";
import { createRegistry, dataschemaOf, decodeData, type MessageDefinition } from "./message-registry.ts";

const made: MessageDefinition = {
  type: "thing.made",
  kind: "event",
  topic: "things",
  summary: "A thing was made.",
  version: 3,
  schema: z.object({ name: z.string(), sizes: z.array(z.int()) }),
  upcasters: {
    1: (data) => ({ ...(data as object), size: 1 }),
    2: (data) => ({ ...(data as object), sizes: [(data as { size: number }).size] }),
  },
};
const registry = createRegistry([made]);
const event = (more: Partial<CloudEvent> = {}): CloudEvent => ({
  id: "1",
  source: "test",
  type: "thing.made",
  subject: "a",
  time: "2026-01-01T00:00:00Z",
  ...more,
});
const code = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (fault) {
    return (fault as { code?: string }).code;
  }
};

test("data of an old version passes through every upcaster from there on", () => {
  expect(decodeData(registry, event(), { name: "x" }).data).toEqual({ name: "x", sizes: [1] });
  expect(
    decodeData(registry, event({ dataschema: "urn:sluice:schema:thing.made:2" }), { name: "x", size: 7 }).data,
  ).toEqual({
    name: "x",
    sizes: [7],
  });
});

test("data of the present version, and of one from a producer that is ahead, is read as it is without its extra fields", () => {
  for (const version of [3, 4])
    expect(
      decodeData(registry, event({ dataschema: dataschemaOf({ ...made, version }) }), {
        name: "x",
        sizes: [2],
        hue: "red",
      }).data,
    ).toEqual({ name: "x", sizes: [2] });
});

test("each fault of a message has its code", () => {
  expect(code(() => decodeData(registry, event({ type: "thing.lost" }), {}))).toBe("unknown-type");
  expect(code(() => decodeData(registry, event(), { name: 7 }))).toBe("wrong-schema");
  expect(code(() => decodeData(registry, event({ dataschema: "urn:sluice:schema:thing.lost:1" }), { name: "x" }))).toBe(
    "wrong-schema",
  );
  expect(code(() => decodeData(registry, event({ dataschema: "http://elsewhere" }), { name: "x" }))).toBe(
    "wrong-schema",
  );
});

test("data that an upcaster cannot read is of a wrong schema, not a fault of the consumer", () => {
  for (const data of [null, 7, "text", []])
    expect(code(() => decodeData(registry, event({ dataschema: "urn:sluice:schema:thing.made:2" }), data))).toBe(
      "wrong-schema",
    );
});

test("a registry with a type twice or without an upcaster is refused", () => {
  expect(code(() => createRegistry([made, made]))).toBe("registry-invalid");
  expect(code(() => createRegistry([{ ...made, upcasters: { 1: (data) => data } }]))).toBe("registry-invalid");
});
