import { Client } from "pg";
import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import type { Database } from "../../../shared/postgres/queryable.ts";
import type { ReadModel } from "../../../shared/projection/read-model.ts";
import { ensureIndex } from "../../../shared/search/ensure-index.ts";
import { deleteIndex } from "../../../shared/search/index-upkeep.ts";
import type { SearchClient } from "../../../shared/search/search-client.ts";

const pageSize = 1_000;
const table = "raw_view";

export type RawParts = {
  readonly databaseUrl: string;
  readonly openSearchUrl: string;
  readonly db: Database;
  readonly search: SearchClient;
  readonly model: ReadModel;
};

type Row = Readonly<Record<string, unknown>> & { readonly id: string; readonly version: string };
type Written = {
  readonly id: string;
  readonly version: string;
  readonly archived: boolean;
  readonly sku: unknown;
  readonly text: string;
};

const written = (row: Row): Written => {
  const archived = row["status"] === "archived";
  const { price_amount: amount, price_currency: currency, created_at: createdAt, updated_at: updatedAt, ...rest } = row;
  const version = Number(row.version);
  const product = { ...rest, version, price: { amount: Number(amount), currency }, createdAt, updatedAt };
  const text = JSON.stringify(archived ? { id: row.id, version, status: "archived" } : product);
  return { id: row.id, version: row.version, archived, sku: archived ? null : row["sku"], text };
};

const bulk = async (url: string, page: readonly Written[]): Promise<void> => {
  let body = "";
  for (const { id, version, text } of page)
    body += `{"index":{"_id":"${id}","version":${version},"version_type":"external"}}\n${text}\n`;
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/x-ndjson" }, body });
  const said = await answer.text();
  if (!answer.ok || !said.includes('"errors":false')) throw new SluiceError("bench-failed", said.slice(0, 500));
};

const upsert = (client: Client, page: readonly Written[]) =>
  client.query({
    name: "raw-upsert",
    text: `insert into ${table} as held (id, version, archived, sku, document, written_at)
           select id, version, archived, sku, document, now()
           from unnest($1::uuid[], $2::bigint[], $3::boolean[], $4::text[], $5::json[]) as item (id, version, archived, sku, document)
           on conflict (id) do update set version = excluded.version, archived = excluded.archived, sku = excluded.sku,
             document = excluded.document, written_at = excluded.written_at
           where held.version < excluded.version`,
    values: [
      page.map(({ id }) => id),
      page.map(({ version }) => version),
      page.map(({ archived }) => archived),
      page.map(({ sku }) => sku),
      page.map(({ archived, text }) => (archived ? null : text)),
    ],
  });

/** Page by page into an index and a table like the live ones, over node-postgres and plain HTTP. Answers the seconds that it took. */
export const rawRebuild = async (
  { databaseUrl, openSearchUrl, db, search, model }: RawParts,
  rows: number,
): Promise<number> => {
  const index = `${model.index.alias}-raw`;
  await ensureIndex(search, index, model.index.definition);
  await db.transaction((tx) => model.table.create(tx, table));
  await db.query({ text: "checkpoint" });
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    let [after, count] = ["00000000-0000-0000-0000-000000000000", 0];
    const began = performance.now();
    for (;;) {
      const found = await client.query<Row>({
        name: "raw-page",
        text: "select * from products where id > $1 order by id limit $2",
        values: [after, pageSize],
      });
      if (found.rows.length === 0) break;
      const page = found.rows.map(written);
      await bulk(`${openSearchUrl}/${index}/_bulk`, page);
      await upsert(client, page);
      after = page.at(-1)?.id as string;
      count += page.length;
    }
    const seconds = (performance.now() - began) / 1000;
    if (count !== rows) throw new SluiceError("bench-failed", `${count} rows instead of ${rows}`);
    return seconds;
  } finally {
    await client.end();
    await db.query({ text: `drop table ${table}` });
    await deleteIndex(search, index);
  }
};
