import { check } from "./cluster.ts";
import { type ClusterCallOptions, clusterCalls } from "./cluster-calls.ts";
import { coordinatorOf } from "./groups.ts";

type Answer = { readonly errorCode: number; readonly members?: readonly { readonly errorCode: number }[] };

/** Whom a coordinator does not know has left. */
const UNKNOWN_MEMBER_ID = 25;

const checkUnlessGone = (code: number): void => {
  if (code !== UNKNOWN_MEMBER_ID) check(code);
};

/**
 * Takes one member out of its group, by a connection of its own; nothing happens when it has left before.
 * @throws SluiceError `broker-unavailable`, `kafka-refused`
 */
export const leaveGroup = async (options: ClusterCallOptions, groupId: string, memberId: string): Promise<void> => {
  const calls = clusterCalls(options);
  try {
    await calls.call(async (cluster) => {
      const coordinator = await coordinatorOf(cluster, groupId);
      const { errorCode, members = [] } = await cluster.ask<Answer>("LeaveGroup", { groupId, memberId }, coordinator);
      for (const code of [errorCode, ...members.map((member) => member.errorCode)]) checkUnlessGone(code);
    });
  } finally {
    calls.close();
  }
};
