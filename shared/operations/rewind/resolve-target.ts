import type { PartitionRange, Position, TopicPartition } from "../../messaging/cluster-reader.ts";
import type { GroupOffsets } from "../../messaging/group-offsets.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { byPartition, partitionName, partitionNames } from "./partition-name.ts";
import type { RewindTarget } from "./rewind-request.ts";

/** What is known of the partitions when a target is resolved. */
export type Known = {
  readonly ranges: readonly PartitionRange[];
  readonly committed: readonly Position[];
  readonly now: number;
};

const at = ({ topic, partition }: TopicPartition, offset: bigint): Position => ({ topic, partition, offset });

/** @throws SluiceError `no-record-since`: "the end", which Kafka's tool takes, would skip what was asked for */
const sinceTime = async (
  offsets: Pick<GroupOffsets, "atTime">,
  ranges: readonly PartitionRange[],
  timestamp: number,
): Promise<readonly Position[]> => {
  const found = byPartition(await offsets.atTime(ranges, timestamp));
  const without = ranges.filter((range) => !found.has(partitionName(range)));
  const time = new Date(timestamp).toISOString();
  if (without.length > 0)
    throw new SluiceError("no-record-since", `no record is of ${time} or later in ${partitionNames(without)}`, {
      hint:
        found.size === 0
          ? "a time that matches nothing is never turned into the end: name an earlier one"
          : `leave them as they are by --topic ${partitionNames([...found.values()])}`,
    });
  return ranges.map((range) => found.get(partitionName(range)) as Position);
};

/** @throws SluiceError `nothing-committed`: there is nothing to shift */
const shifted = ({ ranges, committed }: Known, by: bigint): readonly Position[] => {
  const known = byPartition(committed);
  const without = ranges.filter((range) => !known.has(partitionName(range)));
  if (without.length > 0)
    throw new SluiceError(
      "nothing-committed",
      `nothing is committed for ${partitionNames(without)}: nothing to shift`,
      {
        hint: "name a target that does not depend on it, or the other partitions by --topic",
      },
    );
  return ranges.map((range) => at(range, (known.get(partitionName(range)) as Position).offset + by));
};

/**
 * A position for each range. It may still lie outside the log: see `requireInLog`.
 * @throws SluiceError `no-record-since`, `nothing-committed`
 */
export const resolveTarget = async (
  offsets: Pick<GroupOffsets, "atTime">,
  target: RewindTarget,
  known: Known,
): Promise<readonly Position[]> => {
  const { ranges, now } = known;
  switch (target.kind) {
    case "to-earliest":
      return ranges.map((range) => at(range, range.earliest));
    case "to-latest":
      return ranges.map((range) => at(range, range.end));
    case "to-offset":
      return ranges.map((range) => at(range, target.offset));
    case "to-datetime":
      return sinceTime(offsets, ranges, target.timestamp);
    case "by-duration":
      return sinceTime(offsets, ranges, now - target.ms);
    case "shift-by":
      return shifted(known, target.by);
    case "to-positions":
      return target.positions;
  }
};
