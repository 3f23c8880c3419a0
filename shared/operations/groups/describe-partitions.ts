import type { Clock } from "../../messaging/clock.ts";
import type {
  ClusterReader,
  GroupDescription,
  GroupMember,
  PartitionRange,
  Position,
  TopicPartition,
} from "../../messaging/cluster-reader.ts";
import { firstUnread, lagOf, unreadOf } from "./lag.ts";

/** One partition that a group reads or has read; what is not known, or not there, is undefined. */
export type GroupPartition = {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly currentOffset: bigint | undefined;
  readonly logEndOffset: bigint | undefined;
  /** As Kafka's own tool has it. */
  readonly lag: bigint | undefined;
  /** How long the next record has been waiting for this group; 0 when there is none. */
  readonly lagSeconds: number | undefined;
  /** Records that are held and unread: unlike `lag`, without those that expired, and known when nothing is committed. */
  readonly unread: bigint;
  readonly consumerId: string | undefined;
  readonly host: string | undefined;
  readonly clientId: string | undefined;
};

/** What is known of one partition. */
type Known = {
  readonly committed: bigint | undefined;
  readonly range: PartitionRange | undefined;
  readonly member: GroupMember | undefined;
};

type Reader = Pick<ClusterReader, "committed" | "ranges" | "timestamps">;

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}:${partition}`;

const byKey = <Each extends TopicPartition>(all: readonly Each[]): ReadonlyMap<string, Each> =>
  new Map(all.map((each) => [keyOf(each), each]));

const owner = (member: GroupMember | undefined) => ({
  consumerId: member?.consumerId,
  host: member?.host,
  clientId: member?.clientId,
});

/** Where a group reads next, if it has ever read and there is something to read. */
const waitingAt = (at: TopicPartition, { committed, range }: Known): readonly Position[] => {
  const offset = committed === undefined || range === undefined ? undefined : firstUnread(range, committed);
  return offset === undefined ? [] : [{ topic: at.topic, partition: at.partition, offset }];
};

const lagSeconds = ({ committed, range }: Known, writtenAt: number | undefined, now: number): number | undefined => {
  if (writtenAt !== undefined) return Math.max(0, now - writtenAt) / 1000;
  if (committed === undefined || range === undefined) return undefined;
  return unreadOf(range, committed) === 0n ? 0 : undefined;
};

const inOrder = (a: TopicPartition, b: TopicPartition): number =>
  a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1;

/** What there is to know of all partitions that a group has committed or its members have, in the order of their names. */
const look = async (reader: Reader, { group, members }: GroupDescription) => {
  const committed = byKey(await reader.committed(group));
  const assigned = members.flatMap((member) => member.assignment.map((at) => ({ ...at, member })));
  const owners = byKey(assigned);
  const partitions = [...byKey<TopicPartition>([...committed.values(), ...assigned]).values()].sort(inOrder);
  const ranges = byKey(await reader.ranges(partitions));
  return partitions.map((at) => {
    const key = keyOf(at);
    return { at, committed: committed.get(key)?.offset, range: ranges.get(key), member: owners.get(key)?.member };
  });
};

/** What a group has read and has still to read, by partition. Members to which nothing is assigned are not in it. */
export const describePartitions = async (
  reader: Reader,
  description: GroupDescription,
  clock: Clock,
): Promise<readonly GroupPartition[]> => {
  const known = await look(reader, description);
  const written = byKey(await reader.timestamps(known.flatMap((each) => waitingAt(each.at, each))));
  const now = clock();
  return known.map(({ at, ...each }): GroupPartition => {
    const { committed, range, member } = each;
    return {
      group: description.group,
      topic: at.topic,
      partition: at.partition,
      currentOffset: committed,
      logEndOffset: range?.end,
      lag: lagOf(committed, range?.end),
      lagSeconds: lagSeconds(each, written.get(keyOf(at))?.timestamp, now),
      unread: range === undefined ? 0n : unreadOf(range, committed),
      ...owner(member),
    };
  });
};
