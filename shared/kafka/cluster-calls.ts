import { SluiceError } from "../messaging/sluice-error.ts";
import { askAgain, PAUSE_MS } from "./ask-again.ts";
import { bootstrapOf } from "./bootstrap-brokers.ts";
import { brokerConnections } from "./broker-connections.ts";
import { type Cluster, cluster, isProtocolError } from "./cluster.ts";
import type { KafkaConnection } from "./connect.ts";

export type ClusterCallOptions = {
  readonly connection: KafkaConnection;
  /** Milliseconds that one call may take, connecting included; 5,000 unless said. */
  readonly timeoutMs?: number;
};

/** Calls to a cluster, each with a time limit and with our faults. Connects when first asked, and anew after a fault. */
export type ClusterCalls = {
  /** @throws SluiceError `broker-unavailable`, `kafka-refused`; what is neither Kafka's nor kafkajs's comes out as it is */
  call<Answer>(work: (cluster: Cluster) => Promise<Answer>): Promise<Answer>;
  close(): void;
};

/** Anything but Kafka's refusals and kafkajs's trouble with a connection is a bug of ours and stays what it is. */
const toFault = (cause: unknown, brokers: string): unknown => {
  if (!(cause instanceof Error) || !cause.name.startsWith("KafkaJS")) return cause;
  if (!isProtocolError(cause))
    return new SluiceError("broker-unavailable", `the brokers ${brokers} do not answer`, { canRetry: true, cause });
  const { message, type, retriable } = cause;
  return new SluiceError("kafka-refused", `Kafka refuses: ${message} (${type})`, { canRetry: retriable, cause });
};

export const clusterCalls = ({ connection, timeoutMs = 5_000 }: ClusterCallOptions): ClusterCalls => {
  const brokers = bootstrapOf(connection.brokers).name;
  let current: Cluster | undefined;

  const drop = (used: Cluster): void => {
    used.close();
    if (current === used) current = undefined;
  };

  return {
    call: async (work) => {
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
    },
    close: () => {
      if (current !== undefined) drop(current);
    },
  };
};
