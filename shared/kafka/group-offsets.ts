import type { GroupOffsets } from "../messaging/group-offsets.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import { isProtocolError } from "./cluster.ts";
import { type ClusterCallOptions, clusterCalls } from "./cluster-calls.ts";
import { commitOffsets } from "./commit-offsets.ts";
import { offsetsAtTime } from "./offsets-at-time.ts";

/** What a coordinator says to a commit from outside when the group has members, or is about to. */
const notEmpty = new Set(["ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "REBALANCE_IN_PROGRESS"]);

const refusalOf = (fault: unknown, groupId: string): unknown =>
  fault instanceof SluiceError && isProtocolError(fault.cause) && notEmpty.has(fault.cause.type)
    ? new SluiceError("group-not-empty", `somebody is in group ${groupId}: its offsets are not to be set`, {
        cause: fault,
      })
    : fault;

/** Sets offsets by raw requests. */
export const kafkaGroupOffsets = (options: ClusterCallOptions): GroupOffsets => {
  const calls = clusterCalls(options);
  return {
    atTime: (partitions, timestamp) => calls.call((it) => offsetsAtTime(it, partitions, timestamp)),
    commit: async ({ kind, groupId }, positions) => {
      if (kind !== "projection")
        throw new SluiceError("not-rewindable", `${groupId} is no projection: command consumers are never rewound`);
      try {
        await calls.call((it) => commitOffsets(it, groupId, positions));
      } catch (fault) {
        throw refusalOf(fault, groupId);
      }
    },
    close: calls.close,
  };
};
