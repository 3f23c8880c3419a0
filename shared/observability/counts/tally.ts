import type { Durations, Labels } from "../metrics.ts";

/** Numbers by series, as `seriesKey` writes it. */
export type Counts = Readonly<Record<string, number>>;

/** What this process has counted since it began. It only grows. */
export type Tally = Durations & {
  count(name: string, value: number): void;
  counts(): Counts;
  /** Is called at every change; there is one listener. */
  onChange(listener: () => void): void;
};

/**
 * One number of a metric: a sum, or of a histogram the measures of one bucket (`le`: its upper end in seconds, and none below it) or
 * their sum (`le`: `sum`). JSON, because a label may have any character in it.
 */
export type Series = { readonly name: string; readonly labels: Labels; readonly le: string | undefined };

const seriesKey = (name: string, labels: Labels, le?: string): string =>
  JSON.stringify(le === undefined ? [name] : [name, labels, le]);

export const parseSeries = (key: string): Series => {
  const [name, labels = {}, le] = JSON.parse(key) as [string, Labels?, string?];
  return { name, labels, le };
};

/** Upper ends in seconds, from a read by key to the longest that API Gateway waits; batches of a consumer lie among them, too. */
export const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

const bucketOf = (seconds: number): string => String(buckets.find((end) => seconds <= end) ?? "+Inf");

type Histogram = {
  readonly name: string;
  readonly labels: Labels;
  readonly inBuckets: Map<string, number>;
  sum: number;
};

/** Keys are put together when they are asked for, and not with each request. */
const seriesOf = ({ name, labels, inBuckets, sum }: Histogram): readonly (readonly [string, number])[] => [
  ...[...inBuckets].map(([le, count]) => [seriesKey(name, labels, le), count] as const),
  [seriesKey(name, labels, "sum"), sum],
];

export const createTally = (): Tally => {
  const counts = new Map<string, number>();
  const histograms = new Map<string, Histogram>();
  let changed = (): void => {};
  const histogramOf = (name: string, labels: Labels): Histogram => {
    let key = name;
    for (const label in labels) key += `\0${labels[label]}`;
    const found = histograms.get(key) ?? { name, labels, inBuckets: new Map(), sum: 0 };
    histograms.set(key, found);
    return found;
  };
  return {
    count: (name, value) => {
      counts.set(name, (counts.get(name) ?? 0) + value);
      changed();
    },
    observe: (name, seconds, labels = {}) => {
      const histogram = histogramOf(name, labels);
      const le = bucketOf(seconds);
      histogram.inBuckets.set(le, (histogram.inBuckets.get(le) ?? 0) + 1);
      histogram.sum += seconds;
      changed();
    },
    counts: () =>
      Object.fromEntries([
        ...[...counts].map(([name, value]) => [seriesKey(name, {}), value] as const),
        ...[...histograms.values()].flatMap(seriesOf),
      ]),
    onChange: (listener) => {
      changed = listener;
    },
  };
};
