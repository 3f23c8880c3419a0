import type { Clock } from "../../messaging/clock.ts";
import type { ClusterReader, PartitionRange, Position } from "../../messaging/cluster-reader.ts";
import { type GroupRegistry, type ProjectionGroup, rewindable } from "../../messaging/consumer-groups.ts";
import type { GroupOffsets } from "../../messaging/group-offsets.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import type { MappingControl } from "./mapping-control.ts";
import { byPartition, partitionName } from "./partition-name.ts";
import { requireInLog } from "./require-in-log.ts";
import { requireKnownMembers } from "./require-known-members.ts";
import { resolveTarget } from "./resolve-target.ts";
import { type PlannedPartition, planHash, type RewindPlan } from "./rewind-plan.ts";
import type { RewindRequest } from "./rewind-request.ts";
import { selectPartitions } from "./select-partitions.ts";

export type PlanParts = {
  readonly registry: GroupRegistry;
  readonly reader: Pick<ClusterReader, "describeGroups" | "committed" | "ranges" | "timestamps" | "topics">;
  readonly offsets: Pick<GroupOffsets, "atTime">;
  readonly mapping: Pick<MappingControl, "isOwn">;
  readonly clock: Clock;
};

/** Where the group would go on reading: what is not in the log, or not committed, means from the beginning. */
const readsFrom = ({ earliest, end }: PartitionRange, before: bigint | undefined): bigint =>
  before !== undefined && before >= earliest && before <= end ? before : earliest;

type Move = Omit<PlannedPartition, "from" | "to"> & { readonly span: readonly [bigint, bigint] | undefined };

const moveOf = (range: PartitionRange, before: bigint | undefined, after: bigint): Move => {
  const start = readsFrom(range, before);
  const [first, beyond] = after < start ? [after, start] : [start, after];
  return {
    topic: range.topic,
    partition: range.partition,
    before,
    after,
    delta: before === undefined ? undefined : after - before,
    reread: after < start ? start - after : 0n,
    skipped: after > start ? after - start : 0n,
    span: first === beyond ? undefined : [first, beyond - 1n],
  };
};

const iso = (at: { readonly timestamp: number } | undefined) => at && new Date(at.timestamp).toISOString();

/** Adds when the first and the last message of each move were written. */
const withTimes = async (
  reader: Pick<ClusterReader, "timestamps">,
  moves: readonly Move[],
): Promise<readonly PlannedPartition[]> => {
  const ends = (index: 0 | 1) =>
    moves.flatMap(({ topic, partition, span }) => (span ? [{ topic, partition, offset: span[index] }] : []));
  const [firsts, lasts] = await Promise.all([reader.timestamps(ends(0)), reader.timestamps(ends(1))]);
  const [from, to] = [byPartition(firsts), byPartition(lasts)];
  return moves.map(({ span: _span, ...move }) => ({
    ...move,
    from: iso(from.get(partitionName(move))),
    to: iso(to.get(partitionName(move))),
  }));
};

const rangesOf = async (
  { reader }: PlanParts,
  group: ProjectionGroup,
  request: RewindRequest,
): Promise<readonly PartitionRange[]> => {
  const chosen = await selectPartitions(reader, group, request);
  const ranges = byPartition(await reader.ranges(chosen));
  return chosen.map((each) => {
    const range = ranges.get(partitionName(each));
    if (range !== undefined) return range;
    throw new SluiceError("partition-offline", `${partitionName(each)} has no leader`, { canRetry: true });
  });
};

const sum = (counts: readonly bigint[]): bigint => counts.reduce((total, each) => total + each, 0n);

/**
 * What a rewind would do; nothing is changed. Refused by itself, whoever asks: a command group, an unknown group, a group with an
 * unknown member, a target outside the log, a time that matches nothing.
 * @throws SluiceError `unknown-group`, `not-rewindable`, `unknown-member`, `outside-log`, `no-record-since`, `nothing-committed`,
 *   `topic-not-read`, `unknown-topic`, `unknown-partition`
 */
export const planRewind = async (parts: PlanParts, request: RewindRequest): Promise<RewindPlan> => {
  const { registry, reader, offsets, mapping, clock } = parts;
  const group = rewindable(registry, request.groupId);
  const [description] = await reader.describeGroups([group.groupId]);
  if (description) requireKnownMembers(description, (clientId) => mapping.isOwn(group.functionName, clientId));
  const ranges = await rangesOf(parts, group, request);
  const committed = await reader.committed(group.groupId);
  const targets = byPartition(await resolveTarget(offsets, request.target, { ranges, committed, now: clock() }));
  requireInLog([...targets.values()], ranges);
  const before = byPartition(committed);
  const moves = ranges.map((range) => {
    const name = partitionName(range);
    return moveOf(range, before.get(name)?.offset, (targets.get(name) as Position).offset);
  });
  const partitions = await withTimes(reader, moves);
  return {
    group: group.groupId,
    projection: group.projection,
    partitions,
    reread: sum(partitions.map(({ reread }) => reread)),
    skipped: sum(partitions.map(({ skipped }) => skipped)),
    hash: planHash(group, [...targets.values()]),
  };
};
