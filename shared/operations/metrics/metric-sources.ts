import type { Metered } from "./counters.ts";
import { countersSource } from "./counters-source.ts";
import { deadLettersSource } from "./dead-letters-source.ts";
import { gauge, sample } from "./family.ts";
import { groupsSource } from "./groups-source.ts";
import { jobsSource } from "./jobs-source.ts";
import { operationsSource } from "./operations-source.ts";
import { outboxSource } from "./outbox-source.ts";
import type { MetricSource } from "./source.ts";

const buildSource = (version: string): MetricSource => ({
  name: "build",
  read: async () => {
    const labels = { version, node: process.version };
    return [gauge("sluice_build_info", "1; the version that answers is in the labels", [sample(1, labels)])];
  },
});

/** Everything that `/metrics` tells. */
export const metricSources = (of: Metered & { readonly version: string }): readonly MetricSource[] => [
  buildSource(of.version),
  countersSource(of.functions, of.counters),
  outboxSource,
  groupsSource,
  deadLettersSource,
  operationsSource(of.pausable),
  jobsSource,
];
