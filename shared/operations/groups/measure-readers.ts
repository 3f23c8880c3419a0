import type { ClusterReader } from "../../messaging/cluster-reader.ts";
import type { Meter } from "../../observability/metrics.ts";

export type ReadersPorts = { readonly reader: Pick<ClusterReader, "describeGroups">; readonly meter: Meter };

/**
 * Puts how many of these groups have no member into the metrics: nobody reads for them, as a
 * mapping is off or its pollers are gone. A mapping that is off writes no metric of its own, so
 * that its silence has to be seen from outside. Answers those groups.
 */
export const measureReaders = async (
  { reader, meter }: ReadersPorts,
  groupIds: readonly string[],
): Promise<readonly string[]> => {
  const described = await reader.describeGroups(groupIds);
  const unread = described.filter(({ members }) => members.length === 0).map(({ group }) => group);
  meter.level("GroupsWithoutReader", unread.length);
  return unread;
};
