import { expect, onTestFinished, test } from "vitest";
import { createCommandConsumer } from "../inbox/consume-commands.ts";
import { toHeaders } from "../messaging/cloud-event.ts";
import type { InboundRecord } from "../messaging/record.ts";
import { silentLog } from "../observability/logger.ts";
import { silentMeter } from "../observability/metrics.ts";
import { appendToOutbox } from "../outbox/append-to-outbox.ts";
import { connect } from "../postgres/connect.ts";
import type { Database } from "../postgres/queryable.ts";
import { keepingPublisher } from "../testing/keeping-publisher.ts";
import { pgbouncerPath, startPgbouncer } from "../testing/pgbouncer.ts";
import { createTestApi, newProduct } from "./api/testing/test-api.ts";
import { commandRetentionMs } from "./commands/command-retention.ts";
import { createCommandHandler } from "./commands/handle-commands.ts";
import { messages } from "./messages.ts";

const program = pgbouncerPath();
const encoder = new TextEncoder();

const setUp = async () => {
  const api = await createTestApi();
  const bouncer = await startPgbouncer(program as string, api.databaseUrl);
  const db = connect({ url: bouncer.url, pooler: "transaction", max: 12 });
  onTestFinished(async () => {
    await db.end();
    await bouncer.stop();
    await api[Symbol.asyncDispose]();
  });
  return { api, db, ask: api.askWith({ db }) };
};

type Row = { id: number; event_id: string; partition_key: string; type: string; dataschema: string; payload: string };

/** A command of the outbox as the consumer gets it; its partition is made of its key, so that keys keep their order. */
const toRecord = (row: Row): InboundRecord => ({
  topic: "product.commands",
  partition: row.partition_key.charCodeAt(row.partition_key.length - 1) % 6,
  offset: BigInt(row.id),
  timestamp: 0,
  timestampType: "LOG_APPEND_TIME",
  key: encoder.encode(row.partition_key),
  value: encoder.encode(row.payload),
  headers: toHeaders({
    ...{ id: row.event_id, source: "urn:test", type: row.type, subject: row.partition_key },
    ...{ time: "2026-01-01T00:00:00Z", dataschema: row.dataschema },
  }).map(([name, value]) => [name, encoder.encode(value as string)]),
});

/** Takes commands from the outbox, each twice, until there are no new ones. */
const consumeAll = async (db: Database): Promise<{ applied: number; duplicate: number; rejected: number }> => {
  const consume = createCommandConsumer({
    ...{ db, consumer: "test", registry: messages, partialResponse: true, retentionMs: commandRetentionMs },
    ...{
      handle: createCommandHandler({ appendToOutbox, clock: Date.now }),
      commandsPerTransaction: 20,
      concurrency: 3,
    },
    ...{ clock: Date.now, random: Math.random, wait: async () => {}, log: silentLog, meter: silentMeter },
    deadLetters: { publisher: keepingPublisher(), topic: "dlq", group: "test" },
  });
  const sum = { applied: 0, duplicate: 0, rejected: 0 };
  for (let last = 0; ; ) {
    const { rows } = await db.query<Row>({
      text: "select * from outbox where topic = 'product.commands' and id > $1 order by id",
      values: [last],
    });
    if (rows.length === 0) return sum;
    last = rows.at(-1)?.id ?? last;
    for (const report of [await consume(rows.map(toRecord)), await consume(rows.map(toRecord))]) {
      sum.applied += report.applied;
      sum.duplicate += report.duplicate;
      sum.rejected += report.rejected;
    }
  }
};

// The one permitted skip: a machine without the program says so by name.
test.skipIf(program === undefined)(
  `through PgBouncer in transaction mode (Debian's package pgbouncer${program === undefined ? ", which is missing here: skipped" : ""}): the API and the command consumer`,
  async () => {
    // given
    const { api, db, ask } = await setUp();
    const headers = (key: string) => ({ headers: { "idempotency-key": key } });
    const made = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        ask("POST /products", { body: newProduct({ stock: 10 }), ...headers(`p${n}`) }),
      ),
    );
    expect(new Set(made.map(({ status }) => status))).toEqual(new Set([201]));
    const ids = made.map(({ body }) => body.id as string);

    // when
    const placed = await Promise.all(
      Array.from({ length: 60 }, (_, n) => {
        const lines = [0, 1, 2].map((line) => ({ productId: ids[(n + line * 7) % 40], quantity: 2 }));
        return ask("POST /reservations", { body: { lines }, ...headers(`r${n}`) });
      }),
    );
    expect(new Set(placed.map(({ status }) => status))).toEqual(new Set([202]));
    const done = await consumeAll(db);

    // then
    expect(done.applied).toBeGreaterThan(60 + 120);
    expect(done.duplicate).toBe(done.applied + done.rejected);
    const { rows } = await api.db.query({
      text: `select count(*) as products, sum(stock + reserved + committed) as units, sum(reserved) as reserved,
               (select sum((line ->> 'quantity')::int) from reservation, jsonb_array_elements(lines) as line where state = 'reserved') as held,
               (select count(*) from reservation where state not in ('reserved', 'rejected')) as unsettled
             from products`,
    });
    const [{ reserved, held, ...counts }] = rows as [Record<string, number>];
    expect(counts).toEqual({ products: 40, units: 400, unsettled: 0 });
    expect(reserved).toBe(held);
  },
);
