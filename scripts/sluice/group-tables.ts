import type { GroupDescription } from "../../shared/messaging/cluster-reader.ts";
import type { GroupPartition } from "../../shared/operations/groups/describe-partitions.ts";
import { type Column, table } from "./table.ts";

const seconds = (value: number | undefined): string | undefined => value?.toFixed(1);

/** Kafka's own columns, and how long the next record has been waiting. */
const offsetColumns: readonly Column<GroupPartition>[] = [
  ["GROUP", ({ group }) => group],
  ["TOPIC", ({ topic }) => topic],
  ["PARTITION", ({ partition }) => partition],
  ["CURRENT-OFFSET", ({ currentOffset }) => currentOffset],
  ["LOG-END-OFFSET", ({ logEndOffset }) => logEndOffset],
  ["LAG", ({ lag }) => lag],
  ["LAG-SECONDS", ({ lagSeconds }) => seconds(lagSeconds)],
  ["CONSUMER-ID", ({ consumerId }) => consumerId],
  ["HOST", ({ host }) => host],
  ["CLIENT-ID", ({ clientId }) => clientId],
];

export const offsetTable = (rows: readonly GroupPartition[]): string => table(offsetColumns, rows);

type Member = GroupDescription["members"][number] & { readonly group: string };

const memberColumns: readonly Column<Member>[] = [
  ["GROUP", ({ group }) => group],
  ["CONSUMER-ID", ({ consumerId }) => consumerId],
  ["HOST", ({ host }) => host],
  ["CLIENT-ID", ({ clientId }) => clientId],
  ["#PARTITIONS", ({ assignment }) => assignment.length],
];

export const memberTable = (members: readonly Member[]): string => table(memberColumns, members);

const stateColumns: readonly Column<GroupDescription>[] = [
  ["GROUP", ({ group }) => group],
  ["COORDINATOR (ID)", ({ coordinator: { host, port, id } }) => `${host}:${port} (${id})`],
  ["ASSIGNMENT-STRATEGY", ({ assignmentStrategy }) => assignmentStrategy || undefined],
  ["STATE", ({ state }) => state],
  ["#MEMBERS", ({ members }) => members.length],
];

export const stateTable = (description: GroupDescription): string => table(stateColumns, [description]);
