import { expect, test } from "vitest";
import * as z from "zod";
import { createRegistry } from "./message-registry.ts";
import { breaksOf, release } from "./schema-compatibility.ts";

const registryOf = (schema: z.ZodType, version = 1) =>
  createRegistry([
    {
      type: "thing.made",
      kind: "event",
      topic: "things",
      summary: "A thing was made.",
      version,
      schema,
      upcasters: { 1: (data) => data },
    },
  ]);
const inner = z.object({ amount: z.int() });
const released = release({}, registryOf(z.object({ id: z.string(), size: z.int().max(10), price: inner })));

test.each<[string, z.ZodType]>([
  ["nothing", z.object({ id: z.string(), size: z.int().max(10), price: inner })],
  [
    "an optional property",
    z.object({ id: z.string(), size: z.int().max(10), price: inner, hue: z.string().optional() }),
  ],
  ["prose", z.object({ id: z.string().meta({ description: "its id" }), size: z.int().max(10), price: inner })],
])("%s may be added to a released schema", (_what, schema) => {
  expect(breaksOf(released, registryOf(schema))).toEqual([]);
});

test.each<[string, z.ZodType, RegExp]>([
  ["a property removed", z.object({ id: z.string(), price: inner }), /\/size was removed/],
  ["a type changed", z.object({ id: z.int(), size: z.int().max(10), price: inner }), /\/id: type/],
  ["a limit moved", z.object({ id: z.string(), size: z.int().max(9), price: inner }), /\/size: maximum/],
  [
    "a property required",
    z.object({ id: z.string(), size: z.int().max(10), price: inner, hue: z.string() }),
    /required/,
  ],
  ["one no more required", z.object({ id: z.string().optional(), size: z.int().max(10), price: inner }), /required/],
  [
    "a nested change",
    z.object({ id: z.string(), size: z.int().max(10), price: z.object({ amount: z.string() }) }),
    /\/price\/amount: type/,
  ],
])("%s breaks a released schema", (_what, schema, reason) => {
  expect(breaksOf(released, registryOf(schema)).join("\n")).toMatch(reason);
});

test("a new version may differ, and the released one stays in the set", () => {
  // given
  const next = registryOf(z.object({ name: z.string() }), 2);

  // then
  expect(breaksOf(released, next)).toEqual([]);
  expect(Object.keys(release(released, next)["thing.made"] ?? {})).toEqual(["1", "2"]);
});

test("a released type may not disappear, nor its version go back", () => {
  const second = release(released, registryOf(z.object({ name: z.string() }), 2));

  expect(breaksOf(released, createRegistry([]))).toEqual(["thing.made was released and is registered no more"]);
  expect(breaksOf(second, registryOf(z.object({ name: z.string() })))).toEqual([
    "thing.made was released as version 2 and is 1",
  ]);
});
