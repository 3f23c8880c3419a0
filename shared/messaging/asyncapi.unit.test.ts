import { Parser } from "@asyncapi/parser";
import { expect, test } from "vitest";
import * as z from "zod";
import { asyncApiDocument } from "./asyncapi.ts";
import { createRegistry } from "./message-registry.ts";

const registry = createRegistry([
  {
    type: "thing.made",
    kind: "event",
    topic: "things",
    summary: "A thing was made.",
    version: 2,
    schema: z.object({ id: z.string(), size: z.int().optional() }),
    upcasters: { 1: (data) => data },
  },
  {
    type: "thing.make-rejected",
    kind: "event",
    unversioned: true,
    topic: "things",
    summary: "A thing was not made.",
    version: 1,
    schema: z.object({ id: z.string(), reason: z.string() }),
  },
]);
const channels = [
  { name: "things", partitions: 3, retentionMs: 1_000, description: "What becomes of things" },
  { name: "unused", partitions: 1, retentionMs: 1_000 },
];
const document = asyncApiDocument({ title: "things", version: "1", description: "Things" }, registry, channels);

test("the derived document is valid AsyncAPI 3", async () => {
  const { diagnostics, document: parsed } = await new Parser().parse(JSON.stringify(document));

  expect(diagnostics.filter(({ severity }) => severity === 0)).toEqual([]);
  expect(parsed?.version()).toBe("3.0.0");
});

test("a channel stands in it for each topic that carries a message, with the message's headers and data", () => {
  expect(document).toMatchObject({
    channels: {
      things: { address: "things", description: "What becomes of things", bindings: { kafka: { partitions: 3 } } },
    },
    components: {
      messages: {
        "thing-made": {
          headers: { properties: { ce_dataschema: { const: "urn:sluice:schema:thing.made:2" } } },
          payload: { type: "object", required: ["id"] },
        },
      },
    },
  });
  expect(Object.keys(document["channels"] as object)).toEqual(["things"]);
});

test("an event that tells the state of an aggregate has its version in the envelope, and one that does not has none", () => {
  const headersOf = (key: string) =>
    (document["components"] as { messages: Record<string, { headers: Record<string, object> }> }).messages[key]
      ?.headers;

  expect(headersOf("thing-made")?.["required"]).toContain("ce_sequence");
  expect(headersOf("thing-made")?.["properties"]).toHaveProperty("ce_sequence");
  expect(headersOf("thing-make-rejected")?.["required"]).not.toContain("ce_sequence");
  expect(headersOf("thing-make-rejected")?.["properties"]).not.toHaveProperty("ce_sequence");
});
