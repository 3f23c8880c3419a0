import type { ClusterReader } from "../messaging/cluster-reader.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import { askAgain, PAUSE_MS } from "./ask-again.ts";
import { brokerConnections } from "./broker-connections.ts";
import { type Cluster, cluster, isProtocolError } from "./cluster.ts";
import type { KafkaConnection } from "./connect.ts";
import { fetchRecords } from "./fetch-records.ts";
import { describeGroup, listGroups } from "./groups.ts";
import { metadata } from "./metadata.ts";
import { committedOffsets, listOffsets } from "./offsets.ts";
import { readTimestamps } from "./timestamps.ts";
import { topicSettings } from "./topic-settings.ts";

export type ClusterReaderOptions = {
  readonly connection: KafkaConnection;
  /** Milliseconds that one call may take, connecting included; 5,000 unless said. */
  readonly timeoutMs?: number;
};

/** Anything but Kafka's refusals and kafkajs's trouble with a connection is a bug of ours and stays what it is. */
const toFault = (cause: unknown, brokers: string): unknown => {
  if (!(cause instanceof Error) || !cause.name.startsWith("KafkaJS")) return cause;
  if (!isProtocolError(cause))
    return new SluiceError("broker-unavailable", `the brokers ${brokers} do not answer`, { canRetry: true, cause });
  const { message, type, retriable } = cause;
  return new SluiceError("kafka-refused", `Kafka refuses: ${message} (${type})`, { canRetry: retriable, cause });
};

/**
 * Looks at a cluster by raw requests. Connects when first asked, and anew after a fault.
 * What keeps failing at the time limit is thrown as it is; what does not answer is `broker-unavailable`.
 */
export const kafkaClusterReader = ({ connection, timeoutMs = 5_000 }: ClusterReaderOptions): ClusterReader => {
  const brokers = connection.brokers.join(", ");
  let current: Cluster | undefined;

  const drop = (used: Cluster): void => {
    used.close();
    if (current === used) current = undefined;
  };

  const read = async <Answer>(work: (cluster: Cluster) => Promise<Answer>): Promise<Answer> => {
    current ??= cluster(brokerConnections(connection, timeoutMs));
    const used = current;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const over = AbortSignal.timeout(timeoutMs);
    const message = `the brokers ${brokers} did not answer within ${timeoutMs / 1000} s`;
    const timer = setTimeout(
      () => reject(new SluiceError("broker-unavailable", message, { canRetry: true })),
      timeoutMs + PAUSE_MS, // what the cluster itself says goes first
    );
    try {
      return await Promise.race([askAgain(() => work(used), over), late]);
    } catch (cause) {
      drop(used);
      throw toFault(cause, brokers);
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    groups: () => read(listGroups),
    describeGroups: (groups) => read((it) => Promise.all(groups.map((group) => describeGroup(it, group)))),
    committed: (group) => read((it) => committedOffsets(it, group)),
    ranges: (partitions) => read((it) => listOffsets(it, partitions)),
    timestamps: (positions) => read((it) => readTimestamps(it, positions)),
    records: (from, maxBytes) => read((it) => fetchRecords(it, from, maxBytes)),
    topics: () => read(async (it) => (await metadata(it)).topics),
    settings: (topics) => read((it) => topicSettings(it, topics)),
    close: () => {
      if (current !== undefined) drop(current);
    },
  };
};
