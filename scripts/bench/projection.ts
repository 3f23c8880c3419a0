import { Client } from "pg";
import { productIndex } from "../../shared/catalogue/product-index.ts";
import { productProjection, productProjectionGroup } from "../../shared/catalogue/product-projection.ts";
import type { Product } from "../../shared/domain/products/product.ts";
import { fromMskEvent, type MskEvent } from "../../shared/kafka/msk-event.ts";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { silentLog } from "../../shared/observability/logger.ts";
import { silentMeter } from "../../shared/observability/metrics.ts";
import { connect } from "../../shared/postgres/connect.ts";
import type { Database } from "../../shared/postgres/queryable.ts";
import { createProjector } from "../../shared/projection/project-batch.ts";
import { ensureIndex } from "../../shared/search/ensure-index.ts";
import { connectSearch, type SearchClient } from "../../shared/search/search-client.ts";
import { alternate, type Bench, median } from "./bench.ts";
import { benchDatabase } from "./database/bench-database.ts";
import { productEvents, productStates } from "./projection/product-events.ts";

const batchSize = 1_000;
const batches = 10;
const runs = 5;
const hotProducts = 100;

type Parts = {
  readonly db: Database;
  readonly search: SearchClient;
  readonly openSearchUrl: string;
  readonly index: string;
};

/** Both targets empty again, and what the run before has left to be written is written. */
const emptyTargets = async ({ db, search, index }: Parts): Promise<void> => {
  await search.request({ method: "DELETE", path: `/${index}`, expected: [404] });
  await ensureIndex(search, index, productIndex);
  await db.query({ text: "truncate product_view_000001" });
  await db.query({ text: "checkpoint" });
};

const projectorOf = ({ db, search }: Parts) =>
  createProjector({
    ...{ db, search, projection: productProjection, log: silentLog, meter: silentMeter, clock: Date.now },
    partialResponse: true,
    deadLetters: {
      ...{ topic: "none", group: productProjectionGroup },
      publisher: {
        publish: async () => {
          throw new SluiceError("bench-failed", "a record of the bench was dead-lettered");
        },
        close: async () => {},
      },
    },
  });

/**
 * Events/s from the `MSKEvent` on, batch by batch as a mapping brings them: decoded, coalesced, written to both, reported.
 * That the runtime parses the invocation's JSON before is not counted.
 */
const measureOurs = async (parts: Parts, invocations: readonly string[]): Promise<number> => {
  await emptyTargets(parts);
  const project = projectorOf(parts);
  let milliseconds = 0;
  for (const invocation of invocations) {
    const event = JSON.parse(invocation) as MskEvent;
    const began = performance.now();
    await project(fromMskEvent(event));
    milliseconds += performance.now() - began;
  }
  return (invocations.length * batchSize * 1_000) / milliseconds;
};

type RawBatch = { readonly products: readonly Product[]; readonly documents: readonly string[] };

const rawBulk = async (bulkUrl: string, { products, documents }: RawBatch): Promise<void> => {
  let body = "";
  products.forEach(({ id, version }, index) => {
    body += `{"index":{"_id":"${id}","version":${version},"version_type":"external"}}\n${documents[index]}\n`;
  });
  const headers = { "content-type": "application/x-ndjson" };
  const answer = await fetch(bulkUrl, { method: "POST", headers, body });
  const text = await answer.text();
  if (!answer.ok || !text.includes('"errors":false')) throw new SluiceError("bench-failed", text.slice(0, 500));
};

const rawUpsert = (client: Client, { products, documents }: RawBatch) =>
  client.query({
    name: "raw-upsert",
    text: `insert into product_view_000001 as held (id, version, archived, sku, document, written_at)
           select id, version, false, sku, document, now()
           from unnest($1::uuid[], $2::bigint[], $3::text[], $4::json[]) as item (id, version, sku, document)
           on conflict (id) do update set version = excluded.version, archived = excluded.archived, sku = excluded.sku,
             document = excluded.document, written_at = excluded.written_at
           where held.version < excluded.version`,
    values: [
      products.map(({ id }) => id),
      products.map(({ version }) => version),
      products.map(({ sku }) => sku),
      documents,
    ],
  });

/** The least that could write the same: a bulk request over plain HTTP, then one upsert by version over node-postgres. */
const measureRaw = async (
  parts: Parts,
  client: Client,
  states: readonly (readonly Product[])[],
  how: "in turn" | "at once" = "in turn",
): Promise<number> => {
  await emptyTargets(parts);
  const all = states.map((products) => ({ products, documents: products.map((product) => JSON.stringify(product)) }));
  const bulkUrl = `${parts.openSearchUrl}/${parts.index}/_bulk`;
  const began = performance.now();
  for (const batch of all) {
    const bulk = rawBulk(bulkUrl, batch);
    if (how === "in turn") await bulk;
    await Promise.all([bulk, rawUpsert(client, batch)]);
  }
  return (states.length * batchSize * 1_000) / (performance.now() - began);
};

const count = async ({ db, search, index }: Parts): Promise<readonly [rows: number, documents: number]> => {
  await search.request({ method: "POST", path: `/${index}/_refresh` });
  const { body } = await search.request<{ count: number }>({ method: "GET", path: `/${index}/_count` });
  const { rows } = await db.query<{ count: number }>({ text: "select count(*) from product_view_000001" });
  return [rows[0]?.count ?? 0, body.count];
};

const expectCount = async (parts: Parts, expected: number): Promise<void> => {
  const [rows, documents] = await count(parts);
  if (rows !== expected || documents !== expected)
    throw new SluiceError("bench-failed", `${rows} rows and ${documents} documents instead of ${expected}`);
};

const measureAll = async (parts: Parts, client: Client, log: (line: string) => void) => {
  const states = productStates({ batches, batchSize });
  const distinct = productEvents(states);
  const hot = productEvents(productStates({ batches, batchSize, products: hotProducts }));
  log("warming up: the JVM compiles, connections open");
  await measureRaw(parts, client, states);
  await measureOurs(parts, distinct);
  await expectCount(parts, batches * batchSize);
  log(`${runs} runs of ${batches} batches of ${batchSize} each, by turns`);
  const measured = await alternate(
    runs,
    () => measureOurs(parts, distinct),
    () => measureRaw(parts, client, states),
  );
  log(`as many of both raw writes at once, and of events of ${hotProducts} products`);
  const apart = await alternate(
    runs,
    () => measureOurs(parts, hot),
    () => measureRaw(parts, client, states, "at once"),
  );
  return {
    ours: median(measured.ours),
    theirs: median(measured.theirs),
    atOnce: median(apart.theirs),
    hot: median(apart.ours),
  };
};

const compare = async (databaseUrl: string, openSearchUrl: string, log: (line: string) => void) => {
  const index = `sluicebench-${process.pid}`;
  const db = connect({ url: databaseUrl, max: 2 });
  const search = connectSearch({ url: openSearchUrl, timeoutMs: 60_000 });
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await db.query({
      text: `insert into projection_target (projection, kind, name, state) values ($1, 'search', $2, 'live')`,
      values: [productProjection.name, index],
    });
    return await measureAll({ db, search, openSearchUrl, index }, client, log);
  } finally {
    await search.request({ method: "DELETE", path: `/${index}`, expected: [404] });
    await Promise.all([db.end(), search.close(), client.end()]);
  }
};

/**
 * Events of distinct products into both read models, beside a raw bulk request followed by a raw upsert of the same documents.
 * Events of few products, of which a batch writes only the newest, are a row of their own.
 */
export const bench: Bench = ({ addresses, log }) =>
  benchDatabase(addresses.databaseUrl, "projection", async (databaseUrl) => {
    const { ours, theirs, atOnce, hot } = await compare(databaseUrl, addresses.openSearchUrl, log);
    const row = (what: string, rate: number) => ({
      what,
      "events/s": Math.round(rate),
      "of raw": Number((rate / theirs).toFixed(2)),
    });
    return {
      ...{ bench: "projection", unit: "events/s" },
      value: Math.round(ours),
      baseline: Math.round(theirs),
      ratio: Number((ours / theirs).toFixed(3)),
      peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
      table: [
        row("raw _bulk, then raw unnest upsert", theirs),
        row("sluice, from the MSKEvent on", ours),
        row("raw, both at once", atOnce),
        row(`sluice, ${hotProducts} hot products (coalesced)`, hot),
      ],
    };
  });
