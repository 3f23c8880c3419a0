import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";
import type { Queryable } from "../postgres/queryable.ts";
import { shareCounts } from "./counts/share-counts.ts";
import { createTally, type Tally } from "./counts/tally.ts";
import type { Log } from "./logger.ts";
import type { Meter } from "./metrics.ts";

export type Observability = {
  readonly functionName: string;
  readonly log: Log;
  readonly meter: Meter;
  /** What the meter has counted, for `/metrics`; durations with labels go here alone. */
  readonly tally: Tally;
  /** Writes out what was metered since the last time. */
  publish(): void;
};

/**
 * Counts go both ways: to CloudWatch, by a line of the embedded metric format for each invocation, and into the tally. Levels go to
 * CloudWatch alone, as `/metrics` asks where they come from.
 */
const meterOf = (metrics: Metrics, tally: Tally): Pick<Observability, "meter" | "publish"> => {
  const counted = new Map<string, number>();
  return {
    meter: {
      count: (name, value) => {
        counted.set(name, (counted.get(name) ?? 0) + value);
        tally.count(name, value);
      },
      milliseconds: (name, value) => {
        metrics.addMetric(name, MetricUnit.Milliseconds, value);
        tally.observe(name, value / 1000);
      },
      level: (name, value, unit = "Count") => metrics.addMetric(name, MetricUnit[unit], value),
    },
    publish: () => {
      for (const [name, value] of counted) metrics.addMetric(name, MetricUnit.Count, value);
      counted.clear();
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics(); // it would warn of an invocation that had nothing to count
    },
  };
};

/** On AWS a stage's own, by Powertools' variable: else two stages of one account would answer for each other. Locally there is one. */
const namespace = (): string => process.env["POWERTOOLS_METRICS_NAMESPACE"] || "sluice";

/** Powertools' logger (JSON lines) and metrics (embedded metric format on standard output) for one function. */
export const createObservability = (functionName: string): Observability => {
  const logger = new Logger({ serviceName: functionName });
  const metrics = new Metrics({ namespace: namespace(), serviceName: functionName });
  metrics.setThrowOnEmptyMetrics(false);
  const log: Log = {
    debug: (message, fields) => logger.debug(message, fields ?? {}),
    info: (message, fields) => logger.info(message, fields ?? {}),
    warn: (message, fields) => logger.warn(message, fields ?? {}),
    error: (message, fields) => logger.error(message, fields ?? {}),
  };
  const tally = createTally();
  return { functionName, log, tally, ...meterOf(metrics, tally) };
};

type Observed = Observability & {
  /** Where counts are shared with other processes; without it, only CloudWatch hears of them. */
  readonly db?: Queryable;
  /**
   * Milliseconds from one write of them to the next one with the end of an invocation: for what is
   * invoked often; 0 unless said.
   */
  readonly countsEveryMs?: number;
};

/** Wraps a handler: metrics are written out after every invocation, whether it resolved or rejected. The runtime logs the rejection. */
export const observed = <Event, Result>(
  { db, tally, publish, countsEveryMs = 0, ...about }: Observed,
  handle: (event: Event, context: Context) => Promise<Result>,
): ((event: Event, context: Context) => Promise<Result>) => {
  const shared =
    db === undefined ? undefined : shareCounts({ ...about, db, tally, clock: Date.now, endEveryMs: countsEveryMs });
  return async (event, context) => {
    shared?.begin();
    tally.count("Invocations", 1);
    try {
      return await handle(event, context);
    } catch (fault) {
      tally.count("Errors", 1);
      throw fault;
    } finally {
      publish();
      await shared?.end();
    }
  };
};
