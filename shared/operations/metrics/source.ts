import type { Clock } from "../../messaging/clock.ts";
import type { ClusterReader } from "../../messaging/cluster-reader.ts";
import type { GroupRegistry } from "../../messaging/consumer-groups.ts";
import type { Queryable } from "../../postgres/queryable.ts";
import type { Family } from "./family.ts";

/** What sources read from. The reader lives for one round of reading, and connects when it is first asked. */
export type SourcePorts = {
  readonly db: Queryable;
  readonly reader: Pick<ClusterReader, "describeGroups" | "committed" | "ranges" | "timestamps" | "topics">;
  readonly registry: GroupRegistry;
  readonly clock: Clock;
};

/** A part of the metrics that is read on its own, and fails on its own. */
export type MetricSource = {
  /** Is the label of its `metrics_source_up`. */
  readonly name: string;
  read(ports: SourcePorts): Promise<readonly Family[]>;
};
