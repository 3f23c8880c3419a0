import type { PlannedPartition, RewindPlan } from "../../shared/operations/rewind/rewind-plan.ts";
import { type Column, table } from "./table.ts";

const columns: readonly Column<PlannedPartition & { readonly group: string }>[] = [
  ["GROUP", ({ group }) => group],
  ["TOPIC", ({ topic }) => topic],
  ["PARTITION", ({ partition }) => partition],
  ["BEFORE", ({ before }) => before],
  ["NEW-OFFSET", ({ after }) => after],
  ["DELTA", ({ delta }) => delta],
  ["RE-READ", ({ reread }) => reread],
  ["SKIPPED", ({ skipped }) => skipped],
  ["FROM", ({ from }) => from],
  ["TO", ({ to }) => to],
];

/** A plan, and under it what it comes to. */
export const planText = ({ group, projection, partitions, reread, skipped, hash }: RewindPlan): string =>
  [
    table(
      columns,
      partitions.map((each) => ({ ...each, group })),
    ),
    `${reread} messages are read again`,
    ...(skipped > 0n
      ? [`${skipped} messages are SKIPPED: read model ${projection} will be marked as in need of a rebuild`]
      : []),
    `plan ${hash}`,
  ].join("\n");
