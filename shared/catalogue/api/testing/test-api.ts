import { randomUUID } from "node:crypto";
import type { Product } from "../../../domain/products/product.ts";
import { routeMatcher } from "../../../http/route-keys.ts";
import { silentLog } from "../../../observability/logger.ts";
import { silentDurations } from "../../../observability/metrics.ts";
import { appendToOutbox } from "../../../outbox/append-to-outbox.ts";
import { connect } from "../../../postgres/connect.ts";
import type { Database } from "../../../postgres/queryable.ts";
import { type Call, type Called, call } from "../../../testing/http-call.ts";
import { searchProducts } from "../../product-search.ts";
import { recordOf } from "../../testing/product-events.ts";
import { createReadModels, projectorOnto } from "../../testing/read-models.ts";
import type { ApiParts } from "../api-parts.ts";
import { createApi } from "../create-api.ts";
import { createProbes } from "../create-probes.ts";
import type { ProbeParts } from "../probe-parts.ts";
import { apiRouteKeys } from "../route-table.ts";

export type OutboxRow = {
  readonly type: string;
  readonly aggregate_id: string;
  readonly aggregate_version: number;
  readonly payload: string;
  readonly correlation_id: string | null;
  readonly traceparent: string | null;
};

type AllParts = ApiParts & ProbeParts;

/** The API and its probes over a database and an index of their own, called without a network. */
export type TestApi = AsyncDisposable & {
  readonly db: Database;
  readonly databaseUrl: string;
  ask(asked: string, more?: Call): Promise<Called>;
  /** The same with other parts. */
  askWith(parts: Partial<AllParts>): (asked: string, more?: Call) => Promise<Called>;
  /** What was written to the outbox, oldest first. */
  outbox(aggregateId?: string): Promise<readonly OutboxRow[]>;
  /** Brings the read models up to the outbox, as the relay and the consumer do. */
  project(): Promise<void>;
};

export const createTestApi = async (): Promise<TestApi> => {
  const models = await createReadModels();
  const db = connect({ url: models.databaseUrl, max: 24 });
  const parts: AllParts = {
    db,
    appendToOutbox,
    searchProducts: (query) => searchProducts(models.search, query, models.alias),
    probes: [],
    healthFreshMs: 0,
    scopes: { read: "read", write: "write" },
    readMetrics: async () => ({ contentType: "text/plain", text: "" }),
    log: silentLog,
    durations: silentDurations,
    clock: Date.now,
  };
  const routeOf = routeMatcher(apiRouteKeys);
  const askWith = (other: Partial<AllParts>) => {
    const [api, probes] = [createApi({ ...parts, ...other }), createProbes({ ...parts, ...other })];
    return (asked: string, more?: Call) => {
      const [method = "", target = ""] = asked.split(" ");
      const isOfApi = routeOf({ method, path: target.split("?")[0] as string }) !== undefined;
      return call(isOfApi ? api : probes, asked, more);
    };
  };
  const outbox = async (aggregateId?: string) => {
    const text = "select * from outbox where aggregate_id = $1 or $1 is null order by id";
    return (await db.query<OutboxRow>({ text, values: [aggregateId ?? null] })).rows;
  };
  const project = projectorOnto(models);
  return {
    db,
    databaseUrl: models.databaseUrl,
    ask: askWith({}),
    askWith,
    outbox,
    project: async () => {
      await project((await outbox()).map(({ payload }) => recordOf(JSON.parse(payload) as Product)));
      await models.documents(); // refreshes the index
    },
    [Symbol.asyncDispose]: async () => {
      await db.end();
      await models[Symbol.asyncDispose]();
    },
  };
};

/** A body for `POST /products` with a sku that no other has, in no run. */
export const newProduct = (fields: object = {}) => ({
  sku: `sku-${randomUUID()}`,
  title: "Green tea",
  category: "tea",
  price: { amount: 499, currency: "EUR" },
  status: "active",
  ...fields,
});
