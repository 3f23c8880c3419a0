import { createApi } from "../../shared/catalogue/api/create-api.ts";
import { readConfig } from "../../shared/lambda/read-config.ts";
import { createObservability, observed } from "../../shared/observability/observed.ts";
import { appendToOutbox } from "../../shared/outbox/append-to-outbox.ts";
import { connectDatabase } from "../../shared/postgres/database-settings.ts";
import { apiConfig } from "./config.ts";
import { lazySearch } from "./search.ts";

const config = readConfig(apiConfig, process.env);
const observability = createObservability("api");
const { log, tally: durations } = observability;
const db = connectDatabase(config, {
  max: 2, // one request at a time, and the counts beside it
  connectTimeoutMs: 3_000,
  queryTimeoutMs: 10_000, // well below the 30 s after which API Gateway gives up
  applicationName: "api",
  onIdleError: (error) => log.warn("an idle connection was lost", { error }),
});

/** API Gateway HTTP API, payload format 2.0: the routes of the catalogue, each by its own key. */
export const handler = observed(
  { ...observability, db, countsEveryMs: 1_000 },
  createApi({ db, appendToOutbox, searchProducts: lazySearch(config), log, durations, clock: Date.now }),
);
