import { escapeIdentifier } from "pg";
import * as z from "zod";
import { toHeaders } from "../../messaging/cloud-event.ts";
import { createRegistry } from "../../messaging/message-registry.ts";
import type { InboundRecord } from "../../messaging/record.ts";
import type { RecordPublisher } from "../../messaging/record-publisher.ts";
import { uuidV7 } from "../../messaging/uuid-v7.ts";
import { silentLog } from "../../observability/logger.ts";
import { silentMeter } from "../../observability/metrics.ts";
import { connect } from "../../postgres/connect.ts";
import type { Database } from "../../postgres/queryable.ts";
import { ensureIndex } from "../../search/ensure-index.ts";
import type { SearchClient } from "../../search/search-client.ts";
import { createDatabase } from "../../testing/database.ts";
import { keepingPublisher } from "../../testing/keeping-publisher.ts";
import { createIndexes } from "../../testing/search-index.ts";
import { createProjector, type ProjectorOptions } from "../project-batch.ts";
import type { ProjectedItem, Projection } from "../projection.ts";

/** `size` is a number as a rule; one that is not fits the schema here, and neither of the read models. */
const thingSchema = z.object({
  id: z.string(),
  version: z.number(),
  size: z.union([z.number(), z.string()]),
  archived: z.boolean().optional(),
});
export type Thing = z.infer<typeof thingSchema>;
export type ThingItem = ProjectedItem & { readonly size: string; readonly archived: boolean };

export const thing = (fields: Partial<Thing> = {}): Thing => ({ id: uuidV7(), version: 1, size: 1, ...fields });

/** A table of things takes sizes below 1,000,000 and the index takes numbers, so that a test can have either refuse one. */
const tableSql = (
  table: string,
) => `create table ${escapeIdentifier(table)} (id uuid primary key, version bigint not null,
  size text check (size <> '1000000'), archived boolean not null, written_at timestamptz not null default now())`;

const mappings = { dynamic: false, properties: { id: { type: "keyword" }, size: { type: "long" } } };

export const thingProjection: Projection<ThingItem> = {
  name: "things",
  registry: createRegistry(
    ["thing.created", "thing.weighed"].map((type) => ({
      type,
      kind: "event",
      topic: "things",
      summary: type,
      version: 1,
      schema: thingSchema,
    })),
  ),
  consumes: new Set(["thing.created"]),
  toItem: ({ data }) => {
    const { id, version, size, archived = false } = data as Thing;
    return { id, version, size: String(size), archived, document: JSON.stringify(data) };
  },
  upsert: async (db, table, items, equal) => {
    const { rows } = await db.query<{ id: string }>({
      text: `insert into ${escapeIdentifier(table)} as held (id, version, size, archived)
             select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::boolean[])
             on conflict (id) do update
             set version = excluded.version, size = excluded.size, archived = excluded.archived, written_at = now()
             where held.version ${equal === "keep" ? "<" : "<="} excluded.version returning id`,
      values: [
        items.map(({ id }) => id),
        items.map(({ version }) => version),
        items.map(({ size }) => size),
        items.map(({ archived }) => archived),
      ],
    });
    return new Set(rows.map(({ id }) => id));
  },
};

const encoder = new TextEncoder();
let offsets = 0n;

export const recordOf = (data: Thing, fields: Partial<InboundRecord> = {}, type = "thing.created"): InboundRecord => ({
  topic: "things",
  partition: 0,
  offset: offsets++,
  timestamp: 0,
  timestampType: "LOG_APPEND_TIME",
  key: encoder.encode(data.id),
  value: encoder.encode(JSON.stringify(data)),
  headers: toHeaders({
    id: uuidV7(),
    source: "urn:test",
    type,
    subject: data.id,
    time: "2026-01-01T00:00:00Z",
    sequence: String(data.version),
  }).map(([name, value]) => [name, encoder.encode(value as string)]),
  ...fields,
});

type Held = { readonly row: [number, string] | undefined; readonly document: [number, string] | undefined };

/** Read models of things, a test's own. */
export type Things = AsyncDisposable & {
  readonly db: Database;
  readonly search: SearchClient;
  readonly searchUrl: string;
  readonly databaseUrl: string;
  readonly index: string;
  readonly table: string;
  /** Makes an index and a table and adds them to the target set; answers their name. */
  addTargets(state: "building" | "live" | "retiring"): Promise<string>;
  /** Version and size of each thing that a target holds, by id. */
  rows(table?: string): Promise<Readonly<Record<string, [version: number, size: string]>>>;
  documents(index?: string): Promise<Readonly<Record<string, [version: number, size: string]>>>;
  /** What both live targets hold of these things. */
  held(...ids: string[]): Promise<readonly Held[]>;
};

type Hits = { hits: { hits: { _source: Thing }[] } };

export const createThings = async (): Promise<Things> => {
  const [database, indexes] = await Promise.all([createDatabase(), createIndexes()]);
  const db = connect({ url: database.url, max: 4 });
  const { search } = indexes;
  let count = 0;
  const addTargets: Things["addTargets"] = async (state) => {
    const name = `${indexes.prefix}_${++count}`;
    await db.query({ text: tableSql(name) });
    await ensureIndex(search, name, { settings: { number_of_replicas: 0, gc_deletes: "0s" }, mappings });
    await db.query({
      text: `insert into projection_target (projection, kind, name, state)
             values ('things', 'search', $1, $2), ('things', 'table', $1, $2)`,
      values: [name, state],
    });
    return name;
  };
  const live = await addTargets("live");
  const things: Things = {
    db,
    search,
    searchUrl: indexes.url,
    databaseUrl: database.url,
    index: live,
    table: live,
    addTargets,
    rows: async (table = live) => {
      const { rows } = await db.query<Thing>({ text: `select id, version, size from ${escapeIdentifier(table)}` });
      return Object.fromEntries(rows.map(({ id, version, size }) => [id, [version, String(size)]]));
    },
    documents: async (index = live) => {
      await indexes.refresh();
      const path = `/${index}/_search`;
      const { body } = await search.request<Hits>({ method: "POST", path, body: { size: 10_000 } });
      return Object.fromEntries(
        body.hits.hits.map(({ _source: { id, version, size } }) => [id, [version, String(size)]]),
      );
    },
    held: async (...ids) => {
      const [rows, documents] = [await things.rows(), await things.documents()];
      return ids.map((id) => ({ row: rows[id], document: documents[id] }));
    },
    [Symbol.asyncDispose]: async () => {
      await db.end();
      await Promise.all([database.drop(), indexes[Symbol.asyncDispose]()]);
    },
  };
  return things;
};

/** A projector onto these things. */
export const projectorOnto = (
  things: Pick<Things, "db" | "search">,
  options: Partial<ProjectorOptions<ThingItem>> & { readonly publisher?: RecordPublisher } = {},
) =>
  createProjector<ThingItem>({
    projection: thingProjection,
    deadLetters: { publisher: options.publisher ?? keepingPublisher(), topic: "dlq.things", group: "thing-group" },
    partialResponse: true,
    log: silentLog,
    meter: silentMeter,
    clock: Date.now,
    db: things.db,
    search: things.search,
    ...options,
  });
