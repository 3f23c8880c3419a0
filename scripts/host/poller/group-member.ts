import { setTimeout as sleep } from "node:timers/promises";
import { type Consumer, type EachBatchPayload, type PartitionAssigner, PartitionAssigners } from "kafkajs";
import type { KafkaConnection } from "../../../shared/kafka/connect.ts";
import { createKafka } from "../../../shared/kafka/create-kafka.ts";
import { leaveGroup } from "../../../shared/kafka/leave-group.ts";
import type { InboundRecord } from "../../../shared/messaging/record.ts";
import { toInboundRecord } from "./inbound-record.ts";
import { createReadPositions } from "./read-positions.ts";

/** What a member hears. All are called synchronously, so that nothing happens between the fact and the hearing of it. */
export type GroupEvents = {
  /** From now on these partitions are this member's. */
  assigned(partitions: readonly number[]): void;
  /** From now on no partition is, until `assigned` is called again. What was read and not committed is read again by somebody. */
  revoked(): void;
  /** The next records of a partition, in order. Reading goes on at once, unless the partition is paused. */
  records(partition: number, records: readonly InboundRecord[]): void;
};

/** A member of a consumer group, with one topic. */
export type GroupMember = {
  pause(partition: number): void;
  resume(partition: number): void;
  /** Commits in the name of the assignment now held; a broker refuses it when there has been another since. */
  commit(offsets: ReadonlyMap<number, bigint>): Promise<void>;
  /** Leaves the group and closes its connections. Returns when the broker has said that it is out, or cannot be asked. */
  leave(): Promise<void>;
  /** Settles with the fault when the member gave up by itself. */
  readonly crashed: Promise<Error>;
};

export type GroupMemberOptions = {
  readonly connection: KafkaConnection;
  readonly topic: string;
  readonly groupId: string;
  readonly events: GroupEvents;
  /** The group does without this member when it has heard nothing for so long; 10 s unless said. */
  readonly sessionTimeoutMs?: number;
};

/** Short, as the partitions of a host that was killed are nobody's for so long; a member here always has time to heartbeat. */
const SESSION_TIMEOUT_MS = 10_000;
/** How long an idle read waits for records. A new record ends the wait; what has to wait for its end is leaving the group. */
const FETCH_WAIT_MS = 250;
const LEAVE_PATIENCE_MS = 5_000;

/**
 * Round robin that tells of every join: a member's protocol is asked for at the very moment when it lets go of its old
 * assignment. kafkajs's REBALANCING event is not enough, as it also joins anew without one (stale metadata, unknown member).
 */
const tellingOfJoins =
  (onJoin: () => void): PartitionAssigner =>
  (config) => {
    const roundRobin = PartitionAssigners.roundRobin(config);
    return {
      ...roundRobin,
      protocol: (subscription) => {
        onJoin();
        return roundRobin.protocol(subscription);
      },
    };
  };

type Commit = EachBatchPayload["commitOffsetsIfNecessary"];

const consume = async (
  consumer: Consumer,
  { topic, events }: GroupMemberOptions,
  { onCommit, onJoin }: { onCommit(commit: Commit): void; onJoin(memberId: string): void },
) => {
  const positions = createReadPositions();
  consumer.on("consumer.group_join", ({ payload }) => {
    onJoin(payload.memberId);
    positions.forget();
    const partitions = payload.memberAssignment[topic] ?? [];
    consumer.resume([{ topic, partitions: [...partitions] }]); // kafkajs keeps pauses across assignments
    events.assigned(partitions);
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true }); // TRIM_HORIZON
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary }) => {
      onCommit(commitOffsetsIfNecessary);
      const { fetchedOffset } = batch as unknown as { fetchedOffset: string };
      if (!positions.follows(batch.partition, String(fetchedOffset))) return;
      positions.readUpTo(batch.partition, batch.lastOffset());
      events.records(
        batch.partition,
        batch.messages.map((message) => toInboundRecord(topic, batch.partition, message)),
      );
      resolveOffset(batch.lastOffset());
    },
  });
};

/**
 * kafkajs asks once to leave and hides it when that fails: the connection broke, or the broker does not answer. The group would keep the
 * member, and its partitions, until the session ends. So it is asked for once more; a broker that is away does the rest by itself.
 */
const leaveForCertain = async ({ connection, groupId }: GroupMemberOptions, memberId: string): Promise<void> => {
  try {
    await leaveGroup({ connection }, groupId, memberId);
  } catch (fault) {
    connection.log.debug(
      `member ${memberId} may be in group ${groupId} until its session ends: ${(fault as Error).message}`,
    );
  }
};

/**
 * Joins a group with kafkajs, without its commits: what is committed, and when, is the caller's.
 * It reads ahead and sends heartbeats by itself, however long the caller works on what it was given.
 * @throws the fault when the group cannot be joined; nothing is left behind then
 */
export const joinGroup = async (options: GroupMemberOptions): Promise<GroupMember> => {
  const { connection, topic, groupId, events } = options;
  const crashed = Promise.withResolvers<Error>();
  let commit: Commit | undefined;
  let memberId: string | undefined;
  const sessionTimeout = options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS;
  const consumer = createKafka(connection).consumer({
    groupId,
    sessionTimeout,
    rebalanceTimeout: sessionTimeout, // every member answers a rebalance by its next heartbeat
    heartbeatInterval: sessionTimeout / 10,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    allowAutoTopicCreation: false,
    partitionAssigners: [tellingOfJoins(() => events.revoked())],
    retry: { initialRetryTime: 100, retries: 4, restartOnFailure: async () => false },
  });
  consumer.on("consumer.crash", ({ payload }) => {
    events.revoked();
    crashed.resolve(payload.error);
  });
  const leave = async () => {
    events.revoked();
    await Promise.race([
      consumer.disconnect().catch(() => undefined),
      sleep(LEAVE_PATIENCE_MS, undefined, { ref: false }),
    ]);
    if (memberId !== undefined) await leaveForCertain(options, memberId);
  };
  const onCommit = (latest: Commit) => {
    commit = latest;
  };
  const onJoin = (latest: string) => {
    memberId = latest;
  };
  try {
    await consume(consumer, options, { onCommit, onJoin });
  } catch (fault) {
    await leave();
    throw fault;
  }
  return {
    pause: (partition) => consumer.pause([{ topic, partitions: [partition] }]),
    resume: (partition) => consumer.resume([{ topic, partitions: [partition] }]),
    commit: async (offsets) => {
      const partitions = [...offsets].map(([partition, offset]) => ({ partition, offset: String(offset) }));
      await commit?.({ topics: [{ topic, partitions }] });
    },
    leave,
    crashed: crashed.promise,
  };
};
