import { productAlias } from "../../shared/catalogue/product-index.ts";
import type { HealthProbe } from "../../shared/http/health.ts";
import { askAnyBroker } from "../../shared/kafka/ask-broker.ts";
import { kafkaAddress } from "../../shared/kafka/kafka-settings.ts";
import type { Clock } from "../../shared/messaging/clock.ts";
import { listPauses } from "../../shared/operations/pauses/list-pauses.ts";
import { findLeftRebuilds } from "../../shared/operations/rebuild/find-left-rebuilds.ts";
import { findLeftRuns } from "../../shared/operations/rewind/find-left-runs.ts";
import { outboxStatus } from "../../shared/outbox/outbox-status.ts";
import { missingPartitions } from "../../shared/outbox/partitions.ts";
import type { Queryable } from "../../shared/postgres/queryable.ts";
import { listRebuildNeeded } from "../../shared/projection/rebuild-needed.ts";
import { lazySearchClient } from "../../shared/search/lazy-client.ts";
import { pingSearch } from "../../shared/search/ping.ts";
import type { ProbesConfig } from "./config.ts";

/** A socket that nobody waits for any more is given up; the health check itself waits for a second. */
const timeoutMs = 1_000;

/** The publisher makes them seven days ahead, so that this leaves days to mend what hinders it. */
const daysAhead = 3;

/** A state machine lets some time pass between its calls, and an operator looks at a rebuild before its swap. */
const leftSeconds = 120;
const readySeconds = 24 * 60 * 60;

const timed = async (clock: Clock, work: () => Promise<unknown>) => {
  const started = clock();
  await work();
  return { observedValue: clock() - started, observedUnit: "ms" };
};

type Asked = { readonly db: Queryable; readonly clock: Clock };

/**
 * A signed question takes the client, which is loaded with the first one; an open question does
 * without.
 */
const searchProbe = (config: ProbesConfig): (() => Promise<unknown>) => {
  if (config.OPENSEARCH_AUTH === "none") return () => pingSearch(config.OPENSEARCH_URL, productAlias, timeoutMs);
  const client = lazySearchClient(config, timeoutMs);
  return async () => (await client()).request({ method: "HEAD", path: `/${productAlias}` });
};

/** What `/health/` looks at. Without PostgreSQL nothing can be answered; without the others writes are still taken. */
export const healthProbes = (config: ProbesConfig, { db, clock }: Asked): readonly HealthProbe[] => {
  const askSearch = searchProbe(config);
  const kafka = kafkaAddress(config);
  return [
    {
      ...{ name: "postgres:responseTime", componentType: "datastore", whenDown: "fail" },
      observe: () => timed(clock, () => db.query({ text: "select 1" })),
    },
    {
      ...{ name: "kafka:responseTime", componentType: "component", whenDown: "warn" },
      observe: () => timed(clock, () => askAnyBroker(kafka, { timeoutMs })),
    },
    {
      ...{ name: "opensearch:responseTime", componentType: "datastore", whenDown: "warn" },
      observe: () => timed(clock, askSearch),
    },
    {
      ...{ name: "outbox:partitions", componentType: "component", whenDown: "warn" },
      observe: async () => {
        const missing = await missingPartitions(db, daysAhead);
        const warning = missing.length > 0 ? `no partition for ${missing.join(", ")}` : undefined;
        return { observedValue: missing.length, observedUnit: "missing", warning };
      },
    },
    {
      ...{ name: "outbox:oldest-pending", componentType: "component", whenDown: "warn" },
      observe: async () => {
        const seconds = Math.floor((await outboxStatus(db)).oldestPendingAgeMs / 1000);
        const late = seconds > config.HEALTH_PENDING_SECONDS;
        const warning = late ? `more than ${config.HEALTH_PENDING_SECONDS} s: is the publisher running?` : undefined;
        return { observedValue: seconds, observedUnit: "s", warning };
      },
    },
    {
      ...{ name: "operations:paused", componentType: "system", whenDown: "warn" },
      observe: async () => {
        const pauses = await listPauses(db);
        const forgotten = pauses.filter(({ ageMs }) => ageMs > config.HEALTH_PAUSED_SECONDS * 1000);
        const names = forgotten.map(({ function: name, pausedAt }) => `${name} since ${pausedAt}`);
        const warning = names.length > 0 ? `paused: ${names.join(", ")}` : undefined;
        return { observedValue: pauses.length, observedUnit: "paused", warning };
      },
    },
    {
      ...{ name: "operations:rewinds", componentType: "system", whenDown: "warn" },
      observe: async () => {
        const left = await findLeftRuns(db);
        const names = left.map(({ id, groupId }) => `${id} of ${groupId}`);
        const warning = names.length > 0 ? `left unfinished, the mapping may be off: ${names.join(", ")}` : undefined;
        return { observedValue: left.length, observedUnit: "unfinished", warning };
      },
    },
    {
      ...{ name: "operations:rebuilds", componentType: "system", whenDown: "warn" },
      observe: async () => {
        const left = await findLeftRebuilds(db, leftSeconds);
        const told = left.filter(({ isReady, idleSeconds }) => !isReady || idleSeconds > readySeconds);
        const names = told.map(({ id, isReady }) => `${id} ${isReady ? "waits for its swap" : "was left unfinished"}`);
        return { observedValue: left.length, observedUnit: "idle", warning: names.join(", ") || undefined };
      },
    },
    {
      ...{ name: "projection:rebuild-needed", componentType: "datastore", whenDown: "warn" },
      observe: async () => {
        const marks = await listRebuildNeeded(db);
        const lacks = marks.map(
          ({ projection, skipped, run }) => `${projection} lacks ${skipped} messages since run ${run}`,
        );
        return { observedValue: marks.length, observedUnit: "marks", warning: lacks.join(", ") || undefined };
      },
    },
  ];
};
