import type { HttpApiParts } from "../../http/create-http-api.ts";
import type { Database } from "../../postgres/queryable.ts";
import type { ProductPage, ProductQuery } from "../product-search.ts";
import type { AppendToOutbox } from "../to-outbox-message.ts";

/** What the API is composed of. */
export type ApiParts = Omit<HttpApiParts, "elsewhere"> & {
  readonly db: Database;
  /** The outbox's writer; an argument, so that a bench can measure what it costs. */
  readonly appendToOutbox: AppendToOutbox;
  /** @throws SluiceError that may be retried when search is away */
  readonly searchProducts: (query: ProductQuery) => Promise<ProductPage>;
};
