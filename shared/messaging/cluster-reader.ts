import type { InboundRecord } from "./record.ts";

/** One partition of a topic. */
export type TopicPartition = { readonly topic: string; readonly partition: number };

/** A place in a partition's log. What a group has committed is the offset that it reads next. */
export type Position = TopicPartition & { readonly offset: bigint };

/** What a partition holds: offsets `[earliest, end)`. Empty when they are equal. */
export type PartitionRange = TopicPartition & { readonly earliest: bigint; readonly end: bigint };

export type BrokerAddress = { readonly id: number; readonly host: string; readonly port: number };

export type GroupMember = {
  readonly consumerId: string;
  readonly clientId: string;
  /** As the broker saw it, `/127.0.0.1`. */
  readonly host: string;
  readonly assignment: readonly TopicPartition[];
};

/** A consumer group as its coordinator knows it. */
export type GroupDescription = {
  readonly group: string;
  /** Kafka's own: `Stable`, `PreparingRebalance`, `CompletingRebalance`, `Empty`; `Dead` for one that does not exist. */
  readonly state: string;
  /** How partitions are shared out; empty when nobody is in the group. */
  readonly assignmentStrategy: string;
  readonly coordinator: BrokerAddress;
  readonly members: readonly GroupMember[];
};

export type PartitionDescription = {
  readonly partition: number;
  /** Node ids. No leader: the partition is offline. */
  readonly leader: number | undefined;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
};

export type TopicDescription = {
  readonly topic: string;
  /** Kafka's own, `__consumer_offsets` for instance. */
  readonly isInternal: boolean;
  readonly partitions: readonly PartitionDescription[];
};

/** A topic's settings by Kafka's names, `retention.ms` for instance. */
export type TopicSettings = ReadonlyMap<string, string>;

/** Records of one partition, in order, and the offset to go on at: beyond the last record, or beyond what holds none. */
export type RecordPage = { readonly records: readonly InboundRecord[]; readonly next: bigint };

/**
 * The port through which features look at a cluster; `shared/kafka` implements it. It changes nothing and joins no group.
 * Every call has a time limit and throws SluiceError `broker-unavailable` (can be retried) or `kafka-refused`.
 */
export type ClusterReader = {
  /** The ids of all consumer groups, in order. */
  groups(): Promise<readonly string[]>;
  /** In the order asked for; one that does not exist is described as `Dead`. */
  describeGroups(groups: readonly string[]): Promise<readonly GroupDescription[]>;
  /** What a group has committed; nothing for a partition for which it has not, nor for a group that does not exist. */
  committed(group: string): Promise<readonly Position[]>;
  /** The ranges of those partitions that exist and have a leader. */
  ranges(partitions: readonly TopicPartition[]): Promise<readonly PartitionRange[]>;
  /**
   * When the record at each position was written, milliseconds since 1970; without LogAppendTime, when its batch was begun.
   * Positions that hold no record are left out.
   */
  timestamps(positions: readonly Position[]): Promise<readonly (Position & { readonly timestamp: number })[]>;
  /**
   * About `maxBytes` of records from a position on, and one batch at the least; undefined when the position is not in the log.
   * Throws SluiceError `corrupt-batch`, `unsupported-compression` or `old-record-format`, too.
   */
  records(from: Position, maxBytes: number): Promise<RecordPage | undefined>;
  /** All topics in the order of their names, their partitions in order. */
  topics(): Promise<readonly TopicDescription[]>;
  /** In the order asked for. */
  settings(topics: readonly string[]): Promise<readonly TopicSettings[]>;
  close(): void;
};
