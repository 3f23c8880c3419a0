import type { Metric } from "prom-client";
import Registry from "prom-client/lib/registry.js";
import type { Family } from "./family.ts";

/** What Prometheus reads. */
export type Exposition = { readonly contentType: string; readonly text: string };

/** A family as prom-client's registry takes one whose values come from elsewhere: its own classes only count in their process. */
const toMetric = ({ name, help, type, samples }: Family): Metric => {
  const values = samples.map(({ name: metricName, ...rest }) => ({ ...rest, ...(metricName && { metricName }) }));
  return { name, help, get: async () => ({ name, help, type, values, aggregator: "sum" }) } as unknown as Metric;
};

/** The text format, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export const toExposition = async (families: readonly Family[]): Promise<Exposition> => {
  const registry = new Registry();
  for (const family of families) registry.registerMetric(toMetric(family));
  return { contentType: registry.contentType, text: await registry.metrics() };
};
