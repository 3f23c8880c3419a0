import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Product } from "../domain/products/product.ts";
import { followRun } from "../operations/rewind/follow-run.ts";
import { startRun } from "../operations/rewind/start-run.ts";
import { eventually } from "../testing/eventually.ts";
import { firstDeliveries } from "../testing/first-deliveries.ts";
import { readTopic } from "../testing/read-topic.ts";
import { newProduct } from "./api/testing/test-api.ts";
import { type ProductRow, productColumns, toProduct } from "./product-row.ts";
import { writeManyEvents } from "./testing/many-events.ts";
import { type RewindableCatalogue, startRewindableCatalogue } from "./testing/rewindable-catalogue.ts";
import { partitions } from "./testing/whole-catalogue.ts";

const size = { products: 20_000, versions: 5 };
/** A bound for a state that never comes. */
const limitMs = 240_000;

let all: RewindableCatalogue;
beforeAll(async () => {
  all = await startRewindableCatalogue();
});
afterAll(() => all?.[Symbol.asyncDispose]());

const rowsOf = async <Row extends object>(text: string): Promise<readonly Row[]> =>
  (await all.db.query<Row>({ text })).rows;

const untilQuiet = () => eventually(all.isQuiet, (quiet) => quiet, limitMs);

/** Some that are reserved, and one that is refused: what the command group has done. */
const reserve = async (products: readonly string[]): Promise<void> => {
  for (const productId of products.slice(0, 20))
    await all.ask("POST /reservations", { body: { lines: [{ productId, quantity: 1 }], expiresInSeconds: 3_600 } });
};

const commandGroup = async () => ({
  committed: await all.parts.reader.committed(all.doers.groupId),
  inbox: await rowsOf("select consumer, event_id, xmin::text from inbox order by event_id"),
});

/** Changes, archives and makes products by HTTP, one after the other, until it is told to stop. Answers how many writes were taken. */
const writeOn = async (products: readonly string[], isOver: () => boolean): Promise<number> => {
  let taken = 0;
  for (let number = 0; !isOver(); number++) {
    const id = products[(number * 7_919) % products.length] as string;
    const { version } = (await rowsOf<{ version: number }>(`select version from products where id = '${id}'`))[0] as {
      version: number;
    };
    const headers = { "if-match": `"${version}"` };
    const answers = [
      number % 10 === 0
        ? await all.ask(`DELETE /products/${id}`, { headers })
        : await all.ask(`PATCH /products/${id}`, { body: { title: `Changed ${number}` }, headers }),
      await all.ask("POST /products", { body: newProduct({ stock: number }) }),
    ];
    taken += answers.filter(({ status }) => status < 300).length;
  }
  return taken;
};

const writeModel = async (): Promise<readonly Product[]> =>
  (await rowsOf<ProductRow>(`select ${productColumns} from products order by id`)).map(toProduct);

/** Each hundredth document and row holds something that no event ever said, in its right version. */
const damage = async (): Promise<void> => {
  const hurt = (await writeModel()).filter((_, number) => number % 100 === 0);
  await all.db.query({
    text: "update product_view set document = jsonb_set(document::jsonb, '{title}', '\"damaged\"') where id = any ($1)",
    values: [hurt.map(({ id }) => id)],
  });
  const lines = hurt.flatMap((product) => [
    JSON.stringify({ index: { _id: product.id, version: product.version, version_type: "external_gte" } }),
    JSON.stringify({ ...product, title: "damaged" }),
  ]);
  const path = `/${all.models.index}/_bulk`;
  const { body } = await all.models.search.request<{ errors: boolean }>({
    ...{ method: "POST", path, lines: `${lines.join("\n")}\n` },
  });
  expect(body.errors).toBe(false);
};

type Page = { hits: { hits: { _id: string; _source: Product; sort: [string] }[] } };

/** Every document of the index, by id; an index answers 10,000 at the most at once. */
const documents = async (): Promise<ReadonlyMap<string, Product>> => {
  const { search, index } = all.models;
  await search.request({ method: "POST", path: `/${index}/_refresh` });
  const found = new Map<string, Product>();
  for (let after: readonly string[] | undefined; ; ) {
    const body = { size: 5_000, sort: ["id"], ...(after === undefined ? {} : { search_after: after }) };
    const page = (await search.request<Page>({ method: "POST", path: `/${index}/_search`, body })).body.hits.hits;
    for (const { _id, _source } of page) found.set(_id, _source);
    after = page.at(-1)?.sort;
    if (after === undefined) return found;
  }
};

/** What readers of either model see, beside what the write model says; archived products are tombstones in both. */
const comparedWithWriteModel = async () => {
  const products = await writeModel();
  const rows = new Map((await all.models.rows()).entries());
  const index = await documents();
  const archived = (product: Product) => product.status === "archived";
  const differs = products.filter((product) => {
    const [row, document] = [rows.get(product.id), index.get(product.id)];
    if (row?.version !== product.version || document?.version !== product.version) return true;
    if (archived(product)) return !(row.archived && document.status === "archived");
    return !(isDeepStrictEqual(row.document, product) && isDeepStrictEqual(document, product));
  });
  return { differs: differs.map(({ id }) => id), surplus: rows.size - products.length + index.size - products.length };
};

test("a rewind to the earliest of 100,000 events under live writes: the read models equal the write model, no event is lost, the command group is untouched", async () => {
  // given
  const products = await writeManyEvents(all.db, size);
  await reserve(products);
  await untilQuiet();
  await damage();
  const commandsBefore = await commandGroup();
  expect(commandsBefore.inbox.length).toBeGreaterThanOrEqual(40);
  expect((await comparedWithWriteModel()).differs).toHaveLength(size.products / 100);

  // when
  let over = false;
  const writing = [writeOn(products, () => over), writeOn(products.toReversed(), () => over)];
  const { groupId } = all.projections;
  const request = { groupId, topics: [], target: { kind: "to-earliest" } } as const;
  const signal = AbortSignal.timeout(limitMs);
  const run = await startRun(all.parts, { request, actor: "ann", operation: "replay" }, signal);
  const followed = await followRun(all.parts, run.id, { signal, everyMs: 200, onSight: () => {} });
  over = true;
  const written = (await Promise.all(writing)).reduce((sum, taken) => sum + taken, 0);
  await untilQuiet();

  expect(followed.outcome).toBe("done");
  const reread = (run.prior ?? []).reduce((sum, { offset }) => sum + offset, 0n);
  expect(reread).toBeGreaterThanOrEqual(BigInt(size.products * size.versions));
  expect(written).toBeGreaterThan(50);
  expect(await comparedWithWriteModel()).toEqual({ differs: [], surplus: 0 });
  expect(await commandGroup()).toEqual(commandsBefore);
  const versions = await rowsOf<{ id: string; version: number }>(
    "select id, version from products union all select id, version from reservation",
  );
  const found = firstDeliveries(await readTopic(all.brokers, all.eventTopic, partitions));
  const lost = versions.filter(
    ({ id, version }) => found.get(id)?.join() !== Array.from({ length: version }, (_, at) => String(at + 1)).join(),
  );
  expect(lost).toEqual([]);
}, 600_000);
