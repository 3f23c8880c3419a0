import type { Clock } from "../messaging/clock.ts";
import type { RecordPublisher } from "../messaging/record-publisher.ts";
import { brokerConnections } from "./broker-connections.ts";
import { brokerSession } from "./broker-session.ts";
import type { KafkaConnection } from "./connect.ts";
import type { ProduceLimits } from "./produce-request.ts";
import { PublishCall } from "./publish-call.ts";
import { sender, sendFault, unavailable } from "./send-call.ts";
import { sessionLives } from "./session-lives.ts";

export type KafkaPublisherOptions = Partial<ProduceLimits> & {
  readonly connection: KafkaConnection;
  /** Milliseconds that one `publish` may take, connecting included; 10,000 unless said. What is open then has failed. */
  readonly sendTimeoutMs?: number;
  /** Milliseconds after which leaders are asked for anew though nothing failed; 300,000 unless said. */
  readonly metadataMaxAgeMs?: number;
  readonly clock?: Clock;
};

/** Below the broker's default limit of 1 MiB (`message.max.bytes`). */
const DEFAULT_MAX_BATCH_BYTES = 900_000;
const DEFAULT_MAX_REQUEST_BYTES = 8_000_000;

/**
 * Writes to Kafka through kafkajs's connections, with produce requests of our own.
 *
 * kafkajs's producer answers one promise for a whole send: when one broker of several fails it forgets what the others
 * acknowledged, and it resolves when an answer leaves a partition out. Here every leader is asked by itself, every
 * record has its outcome from the very answer that names its partition, and nothing is ever sent twice by one call.
 * Not idempotent, and why that keeps the order all the same: docs/decisions/kafka-publisher.md.
 *
 * Connects at the first `publish`, and anew at the first after one that failed. The errors of `failed` outcomes are
 * SluiceErrors that can be retried: `broker-unavailable`, `send-timeout`, `topic-missing`, `topic-unavailable`,
 * `no-leader`, `not-acknowledged`, `behind-failed`, `session-closed`, `publisher-closed`; and `behind-too-large`, for a
 * record whose key's earlier record is too large: it, and what follows it in its partition, must wait until that is parked.
 */
export const kafkaPublisher = ({
  connection,
  sendTimeoutMs = 10_000,
  metadataMaxAgeMs = 300_000,
  maxBatchBytes = DEFAULT_MAX_BATCH_BYTES,
  maxRequestBytes = DEFAULT_MAX_REQUEST_BYTES,
  clock = Date.now,
}: KafkaPublisherOptions): RecordPublisher => {
  const send = sender({ maxBatchBytes, maxRequestBytes, timeoutMs: sendTimeoutMs }, clock);
  const lives = sessionLives(() =>
    brokerSession(brokerConnections(connection, sendTimeoutMs), { metadataMaxAgeMs, clock }),
  );
  let isClosed = false;

  return {
    publish: async (records) => {
      const call = new PublishCall(records);
      if (isClosed || records.length === 0)
        return call.finish(sendFault("publisher-closed", "the publisher is closed"));
      const life = lives.take();
      const { promise: expired, reject } = Promise.withResolvers<never>();
      const timeout = sendFault("send-timeout", `no answer within ${sendTimeoutMs} ms`);
      const timer = setTimeout(reject, sendTimeoutMs, timeout);
      try {
        const isSound = await Promise.race([send(life.session, call), expired]);
        lives.give(life, isSound ? "sound" : "hurt");
        return call.finish(sendFault("not-acknowledged", "no broker answered for this record"));
      } catch (cause) {
        lives.give(life, "dead");
        return call.finish(unavailable(cause));
      } finally {
        clearTimeout(timer);
      }
    },

    close: async () => {
      isClosed = true;
      lives.close();
    },
  };
};
