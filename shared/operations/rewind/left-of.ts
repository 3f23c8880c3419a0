import { byPartition, partitionName } from "./partition-name.ts";
import type { RewindParts } from "./rewind-parts.ts";
import type { RewindRun } from "./rewind-run.ts";

/** Messages that a group has still to read, up to where the logs ended when its offsets were set. */
export const leftOf = async ({ reader }: Pick<RewindParts, "reader">, run: RewindRun): Promise<bigint> => {
  const committed = byPartition(await reader.committed(run.groupId));
  const targets = byPartition(run.targets);
  return (run.goal ?? []).reduce((sum, goal) => {
    const name = partitionName(goal);
    const at = committed.get(name)?.offset ?? targets.get(name)?.offset ?? 0n;
    return at < goal.offset ? sum + goal.offset - at : sum;
  }, 0n);
};
