import type { Labels } from "../../observability/metrics.ts";

export type Sample = {
  readonly labels: Labels;
  readonly value: number;
  /** Of a histogram: the family's name with `_bucket`, `_sum` or `_count`. */
  readonly name?: string;
};

/** All series of one name, as Prometheus has them. */
export type Family = {
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter" | "histogram";
  readonly samples: readonly Sample[];
};

export const sample = (value: number, labels: Labels = {}): Sample => ({ value, labels });

/** How much there is of something now. */
export const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  ...{ name, help, type: "gauge", samples },
});
