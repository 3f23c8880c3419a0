import assignerProtocol from "kafkajs/src/consumer/assignerProtocol.js";
import type { BrokerAddress, GroupDescription, GroupMember } from "../messaging/cluster-reader.ts";
import { type Cluster, check } from "./cluster.ts";
import { metadata } from "./metadata.ts";

type CoordinatorAnswer = {
  readonly errorCode: number;
  readonly coordinator: { readonly nodeId: number; readonly host: string; readonly port: number };
};

type ListAnswer = {
  readonly errorCode: number;
  readonly groups: readonly { readonly groupId: string; readonly protocolType: string }[];
};

type DescribedMember = {
  readonly memberId: string;
  readonly clientId: string;
  readonly clientHost: string;
  readonly memberAssignment: Buffer;
};

type DescribeAnswer = {
  readonly groups: readonly {
    readonly errorCode: number;
    readonly groupId: string;
    readonly state: string;
    readonly protocol: string;
    readonly members: readonly DescribedMember[];
  }[];
};

/** The broker that keeps a group's members and offsets, and alone can be asked for them. */
export const coordinatorOf = async (cluster: Cluster, group: string): Promise<BrokerAddress> => {
  const { errorCode, coordinator } = await cluster.ask<CoordinatorAnswer>("GroupCoordinator", { groupId: group });
  check(errorCode);
  return { id: coordinator.nodeId, host: coordinator.host, port: coordinator.port };
};

/** Kafka Connect's workers, for instance, make groups of another kind. An empty type: nobody has ever been in it. */
const consumes = (protocolType: string): boolean => protocolType === "consumer" || protocolType === "";

/** The ids of all consumer groups, in order: each broker knows those that it coordinates. */
export const listGroups = async (cluster: Cluster): Promise<readonly string[]> => {
  const { brokers } = await metadata(cluster);
  const lists = await Promise.all(
    [...brokers.values()].map(async (broker) => {
      const { errorCode, groups } = await cluster.ask<ListAnswer>("ListGroups", {}, broker);
      check(errorCode);
      return groups.filter(({ protocolType }) => consumes(protocolType)).map(({ groupId }) => groupId);
    }),
  );
  return [...new Set(lists.flat())].sort();
};

const toMember = ({ memberId, clientId, clientHost, memberAssignment }: DescribedMember): GroupMember => {
  const decoded = assignerProtocol.MemberAssignment.decode(memberAssignment);
  return {
    consumerId: memberId,
    clientId,
    host: clientHost,
    assignment: Object.entries(decoded?.assignment ?? {}).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    ),
  };
};

/** What its coordinator knows of a group; one that does not exist is described as `Dead`, without members. */
export const describeGroup = async (cluster: Cluster, group: string): Promise<GroupDescription> => {
  const coordinator = await coordinatorOf(cluster, group);
  const { groups } = await cluster.ask<DescribeAnswer>("DescribeGroups", { groupIds: [group] }, coordinator);
  const [described] = groups;
  if (described === undefined) throw new TypeError(`the coordinator's answer does not name group ${group}`);
  check(described.errorCode);
  const { state, protocol, members } = described;
  return { group, state, assignmentStrategy: protocol, coordinator, members: members.map(toMember) };
};
