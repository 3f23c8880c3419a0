import type { LogSink } from "./log.ts";

/** What was counted: by function, then by metric. Milliseconds keep their largest as well. */
export type MetricSums = Readonly<Record<string, Readonly<Record<string, MetricSum>>>>;
export type MetricSum = { readonly sum: number; readonly samples: number; readonly max: number; readonly unit: string };

/** Takes the metric lines out of what functions write, and sums them. */
export type MetricsStore = {
  /** Answers whether the line was one of embedded metrics. */
  fold(source: string, line: string): boolean;
  sums(): MetricSums;
};

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
type EmbeddedMetrics = {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Metrics: readonly { readonly Name: string; readonly Unit?: string }[];
    }[];
  };
  readonly [metric: string]: unknown;
};

const parse = (line: string): EmbeddedMetrics | undefined => {
  if (!line.startsWith("{") || !line.includes('"_aws"')) return undefined;
  try {
    const parsed: EmbeddedMetrics = JSON.parse(line);
    return Array.isArray(parsed._aws?.CloudWatchMetrics) ? parsed : undefined;
  } catch {
    return undefined;
  }
};

export const createMetricsStore = (): MetricsStore => {
  const sums: Record<string, Record<string, MetricSum>> = {};
  const add = (source: string, metric: { Name: string; Unit?: string }, value: unknown) => {
    const values = [value].flat().filter((each) => typeof each === "number");
    sums[source] ??= {};
    const before = sums[source][metric.Name] ?? { sum: 0, samples: 0, max: 0, unit: metric.Unit ?? "None" };
    sums[source][metric.Name] = {
      sum: values.reduce((sum, each) => sum + each, before.sum),
      samples: before.samples + values.length,
      max: Math.max(before.max, ...values),
      unit: before.unit,
    };
  };
  return {
    fold: (source, line) => {
      const embedded = parse(line);
      if (embedded === undefined) return false;
      for (const { Metrics } of embedded._aws.CloudWatchMetrics)
        for (const metric of Metrics) add(source, metric, embedded[metric.Name]);
      return true;
    },
    sums: () => structuredClone(sums),
  };
};

/** A sink that folds metric lines and passes on all others; with `show` those too. */
export const foldingMetrics =
  (store: MetricsStore, sink: LogSink, show = false): LogSink =>
  (source, line) => {
    if (!store.fold(source, line) || show) sink(source, line);
  };
