import { Option } from "commander";
import type { ClusterReader, GroupDescription } from "../../shared/messaging/cluster-reader.ts";
import type { Command, Context } from "./command.ts";
import { memberTable, offsetTable, stateTable } from "./group-tables.ts";
import { withCluster } from "./with-cluster.ts";

type Flags = { readonly group: string; readonly members?: boolean; readonly state?: boolean };

const showOffsets = async (context: Context<Flags>, reader: ClusterReader, described: GroupDescription) => {
  const { describePartitions } = await import("../../shared/operations/groups/describe-partitions.ts");
  context.print(await describePartitions(reader, described, context.clock), offsetTable);
};

/** What Kafka's own `kafka-consumer-groups.sh --describe` shows, and the lag in seconds. */
export const command: Command<Flags> = {
  describe: "what a group has read and has still to read, by partition; or its members, or its state",
  effect: "reads",
  options: [
    new Option("--group <group>", "the group").makeOptionMandatory(),
    new Option("--offsets", "offsets and lag by partition (the default)").conflicts(["members", "state"]),
    new Option("--members", "the members and how many partitions each has").conflicts("state"),
    new Option("--state", "the coordinator, the assignment strategy and the state"),
  ],
  run: (context) =>
    withCluster(context, async (reader) => {
      const { flags, err, print } = context;
      const { requireGroup } = await import("../../shared/operations/groups/require-group.ts");
      const described = await requireGroup(reader, flags.group);
      if (flags.state) return print(described, stateTable);
      if (described.members.length === 0) err(`Group ${flags.group} has no active members.\n`);
      if (!flags.members) return showOffsets(context, reader, described);
      print(
        described.members.map((member) => ({ group: described.group, ...member })),
        memberTable,
      );
    }),
};
