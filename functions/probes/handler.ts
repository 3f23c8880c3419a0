import { createProbes } from "../../shared/catalogue/api/create-probes.ts";
import { readConfig } from "../../shared/lambda/read-config.ts";
import { createObservability, observed } from "../../shared/observability/observed.ts";
import { connectDatabase } from "../../shared/postgres/database-settings.ts";
import { probesConfig } from "./config.ts";
import { healthProbes } from "./health-probes.ts";
import { lazyMetrics } from "./metrics.ts";

const config = readConfig(probesConfig, process.env);
const observability = createObservability("probes");
const { log, tally: durations } = observability;
const clock = Date.now;
const db = connectDatabase(config, {
  max: 3, // a health check has several questions at once
  connectTimeoutMs: 3_000,
  queryTimeoutMs: 5_000,
  applicationName: "probes",
  onIdleError: (error) => log.warn("an idle connection was lost", { error }),
});

/**
 * API Gateway HTTP API, payload format 2.0: health, metrics, the API's document, and what no other
 * route takes.
 */
export const handler = observed(
  { ...observability, db, countsEveryMs: 1_000 },
  createProbes({
    probes: healthProbes(config, { db, clock }),
    healthFreshMs: config.HEALTH_FRESH_SECONDS * 1000,
    scopes: { read: config.API_READ_SCOPE, write: config.API_WRITE_SCOPE },
    readMetrics: lazyMetrics(config, { db, log, clock }),
    metricsToken: config.METRICS_TOKEN,
    log,
    durations,
    clock,
  }),
);
