import type { ClusterReader } from "../../messaging/cluster-reader.ts";
import type { ConsumerGroup, GroupRegistry } from "../../messaging/consumer-groups.ts";

/** `unknown`: it is not one of this system's, and nothing but looking at it is allowed. */
export type GroupKind = ConsumerGroup["kind"] | "unknown";

export type ListedGroup = {
  readonly group: string;
  readonly kind: GroupKind;
  readonly state: string;
  readonly members: number;
};

/** Every consumer group of the cluster, with its kind from the registry. */
export const listGroups = async (
  reader: Pick<ClusterReader, "groups" | "describeGroups">,
  registry: Pick<GroupRegistry, "get">,
): Promise<readonly ListedGroup[]> => {
  const described = await reader.describeGroups(await reader.groups());
  return described.map(({ group, state, members }) => ({
    group,
    kind: registry.get(group)?.kind ?? "unknown",
    state,
    members: members.length,
  }));
};
