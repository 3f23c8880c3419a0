import type { PartitionRange, Position } from "../../messaging/cluster-reader.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { byPartition, partitionName } from "./partition-name.ts";

const fault = (position: Position, range: PartitionRange | undefined): string | undefined => {
  const name = partitionName(position);
  if (range === undefined) return `${name} has no leader`;
  if (position.offset >= range.earliest && position.offset <= range.end) return undefined;
  return `${name}: ${position.offset} is outside the log, which goes from ${range.earliest} to ${range.end}`;
};

/**
 * A target outside the log is refused, never clamped as Kafka's tool does it: the group would read something else than was asked for.
 * @throws SluiceError `outside-log` with the range that exists
 */
export const requireInLog = (positions: readonly Position[], ranges: readonly PartitionRange[]): void => {
  const known = byPartition(ranges);
  const faults = positions.flatMap((each) => fault(each, known.get(partitionName(each))) ?? []);
  if (faults.length > 0)
    throw new SluiceError("outside-log", faults.join("; "), {
      hint: "targets are never moved into the log: name an offset that it holds, or --to-earliest",
    });
};
