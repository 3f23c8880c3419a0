import type { ClusterReader, GroupDescription } from "../../messaging/cluster-reader.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";

/**
 * A group that exists.
 * @throws SluiceError `unknown-group` when it does not; `group-of-new-protocol` when only requests newer than ours can describe it
 */
export const requireGroup = async (
  reader: Pick<ClusterReader, "groups" | "describeGroups">,
  group: string,
): Promise<GroupDescription> => {
  const [described] = await reader.describeGroups([group]);
  if (described !== undefined && described.state !== "Dead") return described;
  const groups = await reader.groups();
  if (groups.includes(group))
    throw new SluiceError(
      "group-of-new-protocol",
      `group ${group} speaks the protocol of KIP-848, which this tool does not`,
      {
        hint: "Kafka's own kafka-consumer-groups.sh can describe it",
      },
    );
  throw new SluiceError("unknown-group", `there is no group ${group}`, {
    hint: groups.length === 0 ? "the cluster has no groups yet" : `the groups are ${groups.join(", ")}`,
  });
};
