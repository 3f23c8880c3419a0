import { searchProducts } from "../../../shared/catalogue/product-search.ts";
import { findProductById, findProductBySku } from "../../../shared/catalogue/product-view.ts";
import type { Queryable } from "../../../shared/postgres/queryable.ts";
import type { SearchClient } from "../../../shared/search/search-client.ts";

export type ReaderParts = {
  readonly db: Queryable;
  readonly search: SearchClient;
  readonly alias: string;
  readonly rows: number;
};

export type Reads = { readonly count: number; readonly errors: number; readonly first: string };

/** Reads by id, by sku and by a search, one after the other all the time. What is not the whole answer is an error, too. */
export const startReaders = ({ db, search, alias, rows }: ReaderParts) => {
  const reads = { count: 0, errors: 0, first: "" };
  let stopped = false;
  const expect = (found: boolean, what: string): void => {
    reads.count++;
    if (found) return;
    reads.errors++;
    reads.first ||= what;
  };
  const round = async (number: number): Promise<void> => {
    const sku = `sku-${number}`;
    const product = await findProductBySku(db, sku);
    expect(product?.sku === sku, `${sku} by sku`);
    if (product !== undefined) expect((await findProductById(db, product.id))?.sku === sku, `${sku} by id`);
    const { items } = await searchProducts(search, { text: `oak table ${number}`, sort: "relevance", limit: 1 }, alias);
    expect(items[0]?.sku === sku, `${sku} by a search`);
  };
  const ended = (async () => {
    for (let number = 1; !stopped; number = 1 + ((number + 7_919) % rows))
      if (number % 20 !== 0) await round(number).catch((fault: unknown) => expect(false, String(fault)));
  })();
  return async (): Promise<Reads> => {
    stopped = true;
    await ended;
    return reads;
  };
};
