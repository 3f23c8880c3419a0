import type { ListedGroup } from "../../shared/operations/groups/list-groups.ts";
import type { Command } from "./command.ts";
import { type Column, table } from "./table.ts";
import { withCluster } from "./with-cluster.ts";

const columns: readonly Column<ListedGroup>[] = [
  ["GROUP", ({ group }) => group],
  ["KIND", ({ kind }) => kind],
  ["STATE", ({ state }) => state],
  ["#MEMBERS", ({ members }) => members],
];

/** Every consumer group of the cluster. */
export const command: Command = {
  describe: "every consumer group, its kind and its state",
  effect: "reads",
  run: async (context) => {
    const { consumerGroups } = await import("../../shared/catalogue/groups.ts");
    const { listGroups } = await import("../../shared/operations/groups/list-groups.ts");
    const groups = await withCluster(context, (reader) => listGroups(reader, consumerGroups));
    context.print(groups, (rows) => table(columns, rows));
  },
};
