import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { uuidV7 } from "../../shared/messaging/uuid-v7.ts";
import { appendAndCommit } from "../../shared/testing/append-and-commit.ts";
import { outboxMessage } from "../../shared/testing/outbox-messages.ts";
import { openOperatedSystem } from "./testing/operated-system.ts";

const nobody = "127.0.0.1:1";
let system: Awaited<ReturnType<typeof openOperatedSystem>>;
beforeEach(async () => {
  system = await openOperatedSystem(["outbox"]);
  await system.rows(
    "insert into projection_target (projection, kind, name, state) values ('product-event-projection', 'search', 'no-such-index', 'live')",
  );
});
afterEach(() => system?.close());

const run = (args: string, more = {}) => system.run(args, { OPENSEARCH_URL: inject("stack").openSearchUrl, ...more });

test.each([
  ["Kafka", { KAFKA_BROKERS: nobody }, /^kafka: not looked at: /],
  ["OpenSearch", { OPENSEARCH_URL: `http://${nobody}` }, /^opensearch: not looked at: /],
])("without %s the rest is told, and that it was not looked at", async (_part, away, note) => {
  // given
  const id = uuidV7();
  await appendAndCommit(system.db, [outboxMessage(system.topic.name, id)]);

  // when
  const { code, stdout } = await run(`trace ${id} --json`, away);

  // then
  const { messages, readModels, notes } = JSON.parse(stdout);
  expect({ code, notes }).toEqual({ code: 0, notes: [expect.stringMatching(note)] });
  expect(messages).toMatchObject([{ status: "PENDING", place: "KAFKA_BROKERS" in away ? "not-asked" : "not-sent" }]);
  expect(readModels).toContainEqual(expect.objectContaining({ kind: "table", state: "live", version: null }));
});

test("what was sent and is not where it should be is told as such; an id in large letters is the same", async () => {
  // given: marked as sent, though it never was
  const id = uuidV7();
  await appendAndCommit(system.db, [outboxMessage(system.topic.name, id), outboxMessage("no.such.topic", id, 2)]);
  await system.rows("update outbox set status = 'SENT', sent_at = now()");
  const before = await system.snapshot();

  // when
  const { code, stdout } = await run(`trace ${id.toUpperCase()} --json`);

  // then
  expect(code).toBe(0);
  expect(JSON.parse(stdout).messages).toMatchObject([
    { topic: "no.such.topic", place: "absent", partition: null },
    { topic: system.topic.name, place: "absent", partition: expect.any(Number), offset: null },
  ]);
  expect(await system.snapshot()).toEqual(before);
});

test.each([
  [3, `trace ${randomUUID()}`, "nothing is known of"],
  [2, "trace 12", "is no UUID"],
  [2, "trace", "missing required argument"],
])("exit %i: %s", async (expected, args, said) => {
  const { code, stderr } = await run(args);
  expect({ code, stderr }).toEqual({ code: expected, stderr: expect.stringContaining(said) });
});
