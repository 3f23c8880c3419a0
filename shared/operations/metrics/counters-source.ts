import { sumCounts } from "../../observability/counts/sum-counts.ts";
import { buckets, type Counts, parseSeries, type Series } from "../../observability/counts/tally.ts";
import type { Labels } from "../../observability/metrics.ts";
import { type CounterSpec, counters, histograms, type MeteredFunction } from "./counters.ts";
import { type Family, type Sample, sample } from "./family.ts";
import type { MetricSource } from "./source.ts";

type Counted = Series & { readonly value: number };
type CountedFunction = MeteredFunction & { readonly series: readonly Counted[] };

const seriesOf = (counts: Counts = {}): readonly Counted[] =>
  Object.entries(counts).map(([key, value]) => ({ ...parseSeries(key), value }));

const of = (functions: readonly CountedFunction[], { by }: CounterSpec): readonly CountedFunction[] =>
  functions.filter(({ kind }) => by.includes(kind));

/** What nobody has counted yet is 0: a rate needs a beginning. */
const counterFamily = (functions: readonly CountedFunction[], spec: CounterSpec): Family => ({
  ...{ name: spec.name, help: spec.help, type: "counter" },
  samples: of(functions, spec).map(({ name, series }) =>
    sample(series.find((each) => each.name === spec.counted)?.value ?? 0, { function: name }),
  ),
});

/** A tally holds each measure in one bucket; in Prometheus' a bucket holds all those below it. */
const histogramSamples = (name: string, labels: Labels, series: readonly Counted[]): readonly Sample[] => {
  const inBucket = new Map(series.map(({ le, value }) => [le, value]));
  let count = 0;
  const rising = [...buckets.map(String), "+Inf"].map((le): Sample => {
    count += inBucket.get(le) ?? 0;
    return { name: `${name}_bucket`, labels: { ...labels, le }, value: count };
  });
  return [
    ...rising,
    { name: `${name}_sum`, labels, value: inBucket.get("sum") ?? 0 },
    { name: `${name}_count`, labels, value: count },
  ];
};

const histogramFamily = (functions: readonly CountedFunction[], spec: CounterSpec): Family => ({
  ...{ name: spec.name, help: spec.help, type: "histogram" },
  samples: of(functions, spec).flatMap(({ name, series }) => {
    const observed = series.filter((each) => each.name === spec.counted && each.le !== undefined);
    const byLabels = Map.groupBy(observed, ({ labels }) => JSON.stringify(labels));
    return [...byLabels.values()].flatMap((some) =>
      histogramSamples(spec.name, { function: name, ...some[0]?.labels }, some),
    );
  }),
});

/** What the processes of all functions have counted, from the table in which they meet. */
export const countersSource = (functions: readonly MeteredFunction[], more: readonly CounterSpec[]): MetricSource => ({
  name: "counters",
  read: async ({ db }) => {
    const sums = await sumCounts(db);
    const counted = functions.map((each) => ({ ...each, series: seriesOf(sums.get(each.name)) }));
    return [
      ...[...counters, ...more].map((spec) => counterFamily(counted, spec)),
      ...histograms.map((spec) => histogramFamily(counted, spec)),
    ];
  },
});
