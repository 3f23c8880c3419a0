import type { HealthProbe } from "../../http/health.ts";
import type { Clock } from "../../messaging/clock.ts";
import type { Log } from "../../observability/logger.ts";
import type { Durations } from "../../observability/metrics.ts";
import type { Exposition } from "../../operations/metrics/exposition.ts";
import type { Database } from "../../postgres/queryable.ts";
import type { ProductPage, ProductQuery } from "../product-search.ts";
import type { AppendToOutbox } from "../to-outbox-message.ts";

/** What the API is composed of. */
export type ApiParts = {
  readonly db: Database;
  /** The outbox's writer; an argument, so that a bench can measure what it costs. */
  readonly appendToOutbox: AppendToOutbox;
  /** @throws SluiceError that may be retried when search is away */
  readonly searchProducts: (query: ProductQuery) => Promise<ProductPage>;
  readonly probes: readonly HealthProbe[];
  readonly readMetrics: () => Promise<Exposition>;
  /** What `/metrics` asks for; undefined: it is open. */
  readonly metricsToken?: string | undefined;
  readonly log: Log;
  readonly durations: Durations;
  readonly clock: Clock;
};
