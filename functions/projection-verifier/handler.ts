import type { Context } from "aws-lambda";
import { productReadModel } from "../../shared/catalogue/product-read-model.ts";
import { deadline } from "../../shared/lambda/deadline.ts";
import { readConfig } from "../../shared/lambda/read-config.ts";
import { createObservability, observed } from "../../shared/observability/observed.ts";
import { reportParity } from "../../shared/operations/parity/report-parity.ts";
import { verifyReadModels } from "../../shared/operations/parity/verify-read-models.ts";
import { connectDatabase } from "../../shared/postgres/database-settings.ts";
import { connectSearch } from "../../shared/search/search-client.ts";
import { searchAddress } from "../../shared/search/search-settings.ts";
import { verifierConfig } from "./config.ts";

const name = "projection-verifier";
const reserveMs = 5_000;
const config = readConfig(verifierConfig, process.env);
const observability = createObservability(name);
const db = connectDatabase(config, { max: 2, applicationName: name });
const search = connectSearch({ ...searchAddress(config), timeoutMs: 30_000 });
const parts = { ...observability, db, search, model: productReadModel(), clock: Date.now };
const sample = config.VERIFY_SAMPLE === "all" ? undefined : config.VERIFY_SAMPLE;
const limitMs = config.VERIFY_PATIENCE_SECONDS * 1000;

/** Started each hour; compares what readers see with the write model, and tells what differs. Changes nothing. */
export const handler = observed(parts, async (_event: unknown, context: Context) => {
  const signal = AbortSignal.timeout(deadline(context, 0, reserveMs));
  const report = await verifyReadModels(parts, { sample, limitMs, signal });
  return reportParity(parts, report);
});
