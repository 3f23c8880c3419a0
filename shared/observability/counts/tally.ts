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

export const createTally = (): Tally => {
  const counts = new Map<string, number>();
  let changed = (): void => {};
  const add = (key: string, value: number): void => {
    counts.set(key, (counts.get(key) ?? 0) + value);
  };
  return {
    count: (name, value) => {
      add(seriesKey(name, {}), value);
      changed();
    },
    observe: (name, seconds, labels = {}) => {
      add(seriesKey(name, labels, bucketOf(seconds)), 1);
      add(seriesKey(name, labels, "sum"), seconds);
      changed();
    },
    counts: () => Object.fromEntries(counts),
    onChange: (listener) => {
      changed = listener;
    },
  };
};
