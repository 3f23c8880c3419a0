import { randomUUID } from "node:crypto";
import { expect, inject, test } from "vitest";
import { parseExposition } from "../../shared/operations/metrics/testing/parse-exposition.ts";
import { askSystem } from "../../shared/testing/ask-system.ts";
import { eventually } from "../../shared/testing/eventually.ts";

const ask = askSystem(inject("systemUrl"));

/** The sum over all series of a name. */
const read = async () => {
  const { status, text } = await ask("GET /metrics");
  expect(status).toBe(200);
  const families = parseExposition(text);
  return (name: string): number =>
    [...(families.get(name)?.series.values() ?? [])].reduce((sum, each) => sum + each, 0);
};

test("a product that is created is told of by each function that had to do with it, whichever process answers", async () => {
  // given
  const before = await read();

  // when
  const body = { sku: randomUUID(), title: "Lamp", category: "lamps", price: { amount: 1, currency: "EUR" } };
  expect(await ask("POST /products", { body })).toMatchObject({ status: 201 });

  // then
  const counted = ["outbox_published_total", "projection_applied_total", "http_request_duration_seconds"];
  await eventually(read, (now) => counted.every((name) => now(name) > before(name)));
  await eventually(read, (now) => now("outbox_pending") === 0);
  const now = await read();
  expect(now("metrics_source_up")).toBe(7);
  expect(now("kafka_consumergroup_members")).toBeGreaterThanOrEqual(2);
});
