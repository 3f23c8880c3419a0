import type { Clock } from "../../messaging/clock.ts";
import type { ClusterReader } from "../../messaging/cluster-reader.ts";
import { describePartitions, type GroupPartition } from "./describe-partitions.ts";

/** How far a group has come, at one moment. */
export type Sighting = {
  readonly group: string;
  readonly state: string;
  readonly at: number;
  /** Records that are held and unread. */
  readonly lag: bigint;
  /** Of the record that has waited longest. */
  readonly lagSeconds: number;
  /** By partition, what it has committed. */
  readonly committed: ReadonlyMap<string, bigint>;
};

/** Two sightings of a group beside each other. */
export type Progress = {
  readonly group: string;
  readonly state: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly lag: bigint;
  readonly lagSeconds: number;
  /** Records a second that the group has committed since the sighting before; undefined at the first, or when it was rewound. */
  readonly rate: number | undefined;
  /** Until the lag is zero, if it goes on falling as it did; undefined while it does not fall. */
  readonly secondsToCatchUp: number | undefined;
};

type Reader = Pick<ClusterReader, "groups" | "describeGroups" | "committed" | "ranges" | "timestamps">;

const positions = (rows: readonly GroupPartition[]): ReadonlyMap<string, bigint> =>
  new Map(
    rows.flatMap(({ topic, partition, currentOffset }) =>
      currentOffset === undefined ? [] : [[`${topic}:${partition}`, currentOffset] as const],
    ),
  );

/** What these groups have still to read, now. */
export const sightGroups = async (
  reader: Reader,
  groups: readonly string[],
  clock: Clock,
): Promise<readonly Sighting[]> =>
  Promise.all(
    (await reader.describeGroups(groups)).map(async (description) => {
      const rows = await describePartitions(reader, description, clock);
      return {
        group: description.group,
        state: description.state,
        at: clock(),
        lag: rows.reduce((sum, { unread }) => sum + unread, 0n),
        lagSeconds: Math.max(0, ...rows.map(({ lagSeconds }) => lagSeconds ?? 0)),
        committed: positions(rows),
      };
    }),
  );

/** Records committed between two sightings; undefined when a partition went back. */
const committedSince = (before: Sighting, { committed }: Sighting): bigint | undefined => {
  let sum = 0n;
  for (const [key, offset] of committed) {
    const earlier = before.committed.get(key) ?? offset; // its first commit tells nothing of how many were read
    if (offset < earlier) return undefined;
    sum += offset - earlier;
  }
  return sum;
};

/** How fast a group came from one sighting to the next. */
export const measureProgress = (before: Sighting | undefined, now: Sighting): Progress => {
  const { group, state, at, lag, lagSeconds } = now;
  const seconds = before === undefined ? 0 : (at - before.at) / 1000;
  const read = before === undefined || seconds <= 0 ? undefined : committedSince(before, now);
  const fall = before === undefined || read === undefined ? 0 : Number(before.lag - lag) / seconds;
  return {
    group,
    state,
    at,
    lag,
    lagSeconds,
    rate: read === undefined ? undefined : Number(read) / seconds,
    secondsToCatchUp: lag === 0n ? 0 : fall > 0 ? Number(lag) / fall : undefined,
  };
};
