import { setTimeout as sleep } from "node:timers/promises";
import type { Product } from "../../domain/products/product.ts";
import type { Called } from "../../testing/http-call.ts";
import type { RebuildFixture } from "./rebuild-fixture.ts";

type Ask = Pick<RebuildFixture, "ask">;

const PAUSE_MS = 5;

/** Goes on until it is stopped; a fault of its own comes out then. */
const keepDoing = (work: () => Promise<void>) => {
  let stopped = false;
  const ended = (async () => {
    while (!stopped) {
      await work();
      await sleep(PAUSE_MS); // these calls cross no network, and would let nobody else run
    }
  })();
  ended.catch(() => {});
  return async () => {
    stopped = true;
    await ended;
  };
};

export type Reads = {
  readonly byId: number;
  readonly bySku: number;
  readonly search: number;
  readonly faults: readonly string[];
};

/**
 * Reads products that nobody changes, all the time: each by its id and by its sku, and all of them by a search. Whatever is not
 * the whole answer is a fault.
 */
export const startReaders = ({ ask }: Ask, products: readonly Product[], text: string) => {
  const reads = { byId: 0, bySku: 0, search: 0, faults: [] as string[] };
  const expectOne = (what: string, { status, body, text: answer }: Called, product: Product): void => {
    if (status !== 200 || body.id !== product.id || body.version !== product.version)
      reads.faults.push(`${what} ${product.id}: ${status} ${answer.slice(0, 200)}`);
  };
  let next = 0;
  const some = (): Product => products[next++ % products.length] as Product;
  const stops = [
    keepDoing(async () => {
      const product = some();
      expectOne("id", await ask(`GET /products/${product.id}`), product);
      reads.byId++;
    }),
    keepDoing(async () => {
      const product = some();
      expectOne("sku", await ask(`GET /products/by-sku/${product.sku}`), product);
      reads.bySku++;
    }),
    keepDoing(async () => {
      const { status, body } = await ask(`GET /products?text=${text}&limit=100`);
      const found = new Set(body?.items?.map(({ id }: Product) => id));
      if (status !== 200 || found.size !== products.length || products.some(({ id }) => !found.has(id)))
        reads.faults.push(`search: ${status}, ${found.size} of ${products.length}`);
      reads.search++;
    }),
  ];
  return async (): Promise<Reads> => {
    await Promise.all(stops.map((stop) => stop()));
    return reads;
  };
};

/** Creates, changes and archives products, all the time; some of those given, and others of its own. Answers how many writes there were. */
export const startWriters = ({ ask }: Ask, ids: readonly string[], writers = 3) => {
  let writes = 0;
  const expectStatus = ({ status, text }: Called, ...expected: readonly number[]): void => {
    if (!expected.includes(status)) throw new Error(`a write was answered ${status}: ${text.slice(0, 200)}`);
    writes++;
  };
  const create = async (): Promise<string> => {
    const price = { amount: writes, currency: "EUR" };
    const body = { title: "Made meanwhile", sku: `new-${Math.random()}`, category: "things", price, status: "active" };
    const made = await ask("POST /products", { body });
    expectStatus(made, 201);
    return made.body.id;
  };
  const writer = (place: number) => async (): Promise<void> => {
    const id = ids[(writes * writers + place) % ids.length] as string;
    const headers = { "content-type": "application/merge-patch+json", "if-match": "*" };
    expectStatus(await ask(`PATCH /products/${id}`, { body: { stock: writes % 1000 }, headers }), 200, 404, 409);
    const fresh = await create();
    if (writes % 3 === 0) expectStatus(await ask(`DELETE /products/${fresh}`, { headers: { "if-match": "*" } }), 204);
  };
  const stops = Array.from({ length: writers }, (_, place) => keepDoing(writer(place)));
  return async (): Promise<number> => {
    await Promise.all(stops.map((stop) => stop()));
    return writes;
  };
};
