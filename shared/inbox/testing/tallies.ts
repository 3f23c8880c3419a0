import * as z from "zod";
import { type CloudEvent, toHeaders } from "../../messaging/cloud-event.ts";
import { createRegistry } from "../../messaging/message-registry.ts";
import type { InboundRecord } from "../../messaging/record.ts";
import type { RecordPublisher } from "../../messaging/record-publisher.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { uuidV7 } from "../../messaging/uuid-v7.ts";
import { silentLog } from "../../observability/logger.ts";
import { silentMeter } from "../../observability/metrics.ts";
import { connect } from "../../postgres/connect.ts";
import type { Database, Transaction } from "../../postgres/queryable.ts";
import { createDatabase } from "../../testing/database.ts";
import { keepingPublisher } from "../../testing/keeping-publisher.ts";
import type { CommandHandler, ReceivedCommand } from "../command-handler.ts";
import { type CommandConsumerOptions, createCommandConsumer } from "../consume-commands.ts";

const tallySchema = z.object({ id: z.string(), amount: z.number() });

export const retentionMs = 28 * 24 * 60 * 60 * 1000;

export const tallyRegistry = createRegistry(
  (["tally.add", "tally.added"] as const).map((type) => ({
    type,
    kind: type === "tally.add" ? "command" : "event",
    topic: "tallies",
    summary: type,
    version: 1,
    schema: tallySchema,
  })),
);

const encoder = new TextEncoder();
let offsets = 0n;

export const recordOf = (
  data: { readonly id: string; readonly amount: unknown },
  fields: Partial<InboundRecord> = {},
  event: Partial<CloudEvent> = {},
): InboundRecord => ({
  topic: "tallies",
  partition: 0,
  offset: offsets++,
  timestamp: 0,
  timestampType: "LOG_APPEND_TIME",
  key: encoder.encode(data.id),
  value: encoder.encode(JSON.stringify(data)),
  headers: toHeaders({
    id: uuidV7(),
    source: "urn:test",
    type: "tally.add",
    subject: data.id,
    time: "2026-01-01T00:00:00Z",
    ...event,
  }).map(([name, value]) => [name, encoder.encode(value as string)]),
  ...fields,
});

type Add = z.infer<typeof tallySchema>;

export const addOf = ({ data }: ReceivedCommand): Add => data as Add;

/** Adds an amount to a tally, and leaves a trace of it. */
export const add = (tx: Transaction, { id, amount }: Add) =>
  tx.query({
    text: `with traced as (insert into trace (tally, amount) values ($1, $2))
           insert into tally as held (id, total) values ($1, $2) on conflict (id) do update set total = held.total + $2`,
    values: [id, amount],
  });

/** Refuses 0, throws a fault that stays at an amount below 0, and else adds. */
export const addAll: CommandHandler = async (tx, commands) => {
  const rejected = { outcome: "rejected", reason: "nothing-to-add" } as const;
  for (const { id, amount } of commands.map(addOf)) {
    if (amount < 0) throw new SluiceError("below-zero", `${amount} to ${id}`);
    if (amount > 0) await add(tx, { id, amount });
  }
  return commands.map((command) => (addOf(command).amount === 0 ? rejected : { outcome: "applied" }));
};

/** A database with tallies, a test's own. */
export type Tallies = AsyncDisposable & {
  readonly db: Database;
  readonly databaseUrl: string;
  /** The totals of these tallies; undefined where nothing was ever added. */
  totals(...ids: string[]): Promise<readonly (number | undefined)[]>;
  /** The amounts added to a tally, in their order. */
  trace(id: string): Promise<readonly number[]>;
  /** Which of these events the inbox knows, in the order given. */
  known(...eventIds: string[]): Promise<readonly string[]>;
};

export const createTallies = async (): Promise<Tallies> => {
  const database = await createDatabase();
  const db = connect({ url: database.url, max: 6 });
  await db.query({ text: "create table tally (id text primary key, total bigint not null check (total < 1000000))" });
  await db.query({ text: "create table trace (id bigint generated always as identity, tally text, amount bigint)" });
  const column = async <Value>(text: string, value: unknown): Promise<readonly Value[]> =>
    (await db.query<{ value: Value }>({ text, values: [value] })).rows.map((row) => row.value);
  return {
    db,
    databaseUrl: database.url,
    totals: async (...ids) => {
      const text = `select total as value from unnest($1::text[]) with ordinality as asked (id, place)
                    left join tally using (id) order by place`;
      return (await column<number | null>(text, ids)).map((total) => total ?? undefined);
    },
    trace: (id) => column("select amount as value from trace where tally = $1 order by id", id),
    known: async (...eventIds) => {
      const found = new Set(
        await column("select event_id as value from inbox where event_id = any ($1::uuid[])", eventIds),
      );
      return eventIds.filter((id) => found.has(id));
    },
    [Symbol.asyncDispose]: async () => {
      await db.end();
      await database.drop();
    },
  };
};

/** A consumer of tally commands. Waits take no time unless a test gives its own. */
export const consumerOf = (
  { db }: Pick<Tallies, "db">,
  options: Partial<CommandConsumerOptions> & { readonly publisher?: RecordPublisher } = {},
) =>
  createCommandConsumer({
    consumer: "tally-doers",
    registry: tallyRegistry,
    handle: addAll,
    db,
    deadLetters: { publisher: options.publisher ?? keepingPublisher(), topic: "dlq.tallies", group: "tally-doers" },
    partialResponse: true,
    retentionMs,
    clock: Date.now,
    random: Math.random,
    wait: async () => {},
    log: silentLog,
    meter: silentMeter,
    commandsPerTransaction: 10,
    concurrency: 3,
    ...options,
  });
