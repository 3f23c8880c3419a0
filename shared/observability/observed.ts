import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";
import type { Log } from "./logger.ts";
import type { Meter } from "./metrics.ts";

export type Observability = { readonly log: Log; readonly meter: Meter; readonly metrics: Metrics };

/** Powertools' logger (JSON lines) and metrics (embedded metric format on standard output) for one function. */
export const createObservability = (functionName: string): Observability => {
  const logger = new Logger({ serviceName: functionName });
  const metrics = new Metrics({ namespace: "sluice", serviceName: functionName });
  metrics.setThrowOnEmptyMetrics(false);
  const log: Log = {
    debug: (message, fields) => logger.debug(message, fields ?? {}),
    info: (message, fields) => logger.info(message, fields ?? {}),
    warn: (message, fields) => logger.warn(message, fields ?? {}),
    error: (message, fields) => logger.error(message, fields ?? {}),
  };
  return {
    log,
    metrics,
    meter: {
      count: (name, value) => metrics.addMetric(name, MetricUnit.Count, value),
      milliseconds: (name, value) => metrics.addMetric(name, MetricUnit.Milliseconds, value),
    },
  };
};

/** Wraps a handler: metrics are written out after every invocation, whether it resolved or rejected. The runtime logs the rejection. */
export const observed =
  <Event, Result>(
    { metrics }: Pick<Observability, "metrics">,
    handle: (event: Event, context: Context) => Promise<Result>,
  ): ((event: Event, context: Context) => Promise<Result>) =>
  async (event, context) => {
    try {
      return await handle(event, context);
    } finally {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics(); // it would warn of an invocation that had nothing to count
    }
  };
