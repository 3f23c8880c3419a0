import { consumerGroups } from "../../shared/catalogue/groups.ts";
import { metered, version } from "../../shared/catalogue/metered.ts";
import { kafkaConnection } from "../../shared/kafka/kafka-connection.ts";
import type { Clock } from "../../shared/messaging/clock.ts";
import type { Log } from "../../shared/observability/logger.ts";
import type { Exposition } from "../../shared/operations/metrics/exposition.ts";
import type { Queryable } from "../../shared/postgres/queryable.ts";
import type { ProbesConfig } from "./config.ts";

type Ports = { readonly db: Queryable; readonly log: Log; readonly clock: Clock };

/** One call to the brokers, within the time that a source has, within the 10 s that Prometheus waits. */
const kafkaTimeoutMs = 2_000;
const limitMs = 3_000;

/** Two Prometheus servers, or an impatient one, ask the sources once. */
const freshMs = 5_000;

const load = async (config: ProbesConfig, ports: Ports): Promise<() => Promise<Exposition>> => {
  const [{ kafkaClusterReader }, { createGathering }, { metricSources }, { toExposition }] = await Promise.all([
    import("../../shared/kafka/cluster-reader.ts"),
    import("../../shared/operations/metrics/gather-metrics.ts"),
    import("../../shared/operations/metrics/metric-sources.ts"),
    import("../../shared/operations/metrics/exposition.ts"),
  ]);
  const connection = kafkaConnection(config, { clientId: "probes", log: ports.log });
  const gather = createGathering({
    ...{ ...ports, registry: consumerGroups, limitMs, freshMs },
    sources: metricSources({ version, ...metered }),
    openReader: () => kafkaClusterReader({ connection, timeoutMs: kafkaTimeoutMs }),
  });
  return async () => toExposition(await gather());
};

/** What `/metrics` answers. Its clients are loaded when it is first asked: no other request has a use for them. */
export const lazyMetrics = (config: ProbesConfig, ports: Ports): (() => Promise<Exposition>) => {
  let loaded: ReturnType<typeof load> | undefined;
  return async () => {
    loaded ??= load(config, ports);
    return (await loaded)();
  };
};
