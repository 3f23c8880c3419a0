import type Broker from "kafkajs/src/broker/index.js";
import protocolErrors from "kafkajs/src/protocol/error.js";
import apiKeys from "kafkajs/src/protocol/requests/apiKeys.js";
import api, { type Exchange } from "kafkajs/src/protocol/requests/index.js";
import type { Clock } from "../messaging/clock.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import type { BrokerConnections } from "./broker-connections.ts";
import type { WireWriter } from "./wire-writer.ts";

/** The node id of each partition's leader, by partition; -1 where there is none just now. Or why there are none. */
export type TopicLeaders = readonly number[] | SluiceError;

/** A produce answer as the broker gave it: nothing in it is taken for granted, least of all that it is whole. */
export type ProduceAnswer = {
  readonly topics: readonly {
    readonly topicName: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly errorCode: number;
      /** A decimal number. */
      readonly baseOffset: string;
    }[];
  }[];
};

type Metadata = {
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
  readonly topicMetadata: readonly {
    readonly topicErrorCode: number;
    readonly topic: string;
    readonly partitionMetadata: readonly { readonly partitionId: number; readonly leader: number }[];
  }[];
};

/** One life of our connections to a cluster. It is not mended: after a fault it is closed and another is opened. */
export type BrokerSession = {
  /** The leaders of these topics, asked for when unknown or older than the metadata's age. Throws when no broker answers. */
  leaders(topics: readonly string[]): Promise<ReadonlyMap<string, TopicLeaders>>;
  /** Sends one produce request, with no retries, and answers what the broker answered. Throws when the connection fails. */
  produce(nodeId: number, body: WireWriter): Promise<ProduceAnswer>;
  /** Drops every connection now; what is unanswered is rejected. */
  close(): void;
};

const UNKNOWN_TOPIC_OR_PARTITION = 3;
/** Record batches began with it, and its body is that of every version up to 8; kafkajs knows 7. */
const OLDEST_PRODUCE_VERSION = 3;

const topicFault = (topic: string, code: number): SluiceError => {
  const cause = protocolErrors.createErrorFromCode(code);
  return code === UNKNOWN_TOPIC_OR_PARTITION
    ? new SluiceError("topic-missing", `topic ${topic} does not exist`, {
        canRetry: true, // one that was just made is not known to every broker yet
        cause,
        hint: `create topic ${topic}: topics are never created by sending to them`,
      })
    : new SluiceError("topic-unavailable", `topic ${topic}: ${cause.message}`, { canRetry: true, cause });
};

const leadersOf = (topic: Metadata["topicMetadata"][number]): TopicLeaders => {
  if (topic.topicErrorCode !== 0) return topicFault(topic.topic, topic.topicErrorCode);
  const leaders: number[] = new Array(topic.partitionMetadata.length).fill(-1);
  for (const { partitionId, leader } of topic.partitionMetadata) leaders[partitionId] = leader;
  return leaders;
};

/** Asks without kafkajs's `parse`, which throws the whole answer away when one topic or partition in it has an error. */
const exchange = (broker: Broker, { request, response }: Exchange): Promise<unknown> =>
  broker.connectionPool.send({ request, response: { decode: response.decode, parse: async (answer) => answer } });

const sendProduce = async (broker: Broker, body: WireWriter): Promise<ProduceAnswer> => {
  const ask = broker.lookupRequest(apiKeys.Produce, api.requests.Produce);
  const { request, response } = ask({ acks: -1, topicData: [] });
  if (request.apiVersion < OLDEST_PRODUCE_VERSION)
    throw new SluiceError("broker-too-old", "the broker is older than Kafka 0.11 and knows no record headers");
  const bytes = body.written();
  const encode = async () => ({ buf: bytes, buffer: bytes, size: () => bytes.length });
  return (await exchange(broker, { request: { ...request, encode }, response })) as ProduceAnswer;
};

/** Opens nothing before the first request. */
export const brokerSession = (
  connections: BrokerConnections,
  { metadataMaxAgeMs, clock }: { readonly metadataMaxAgeMs: number; readonly clock: Clock },
): BrokerSession => {
  const known = new Map<string, { readonly leaders: TopicLeaders; readonly until: number }>();
  const nodes = new Map<number, Promise<Broker>>();
  let addresses = new Map<number, { readonly host: string; readonly port: number }>();
  let first: Promise<Broker> | undefined;

  const refresh = async (topics: readonly string[]): Promise<void> => {
    first ??= connections.openAny();
    const broker = await first;
    const ask = broker.lookupRequest(apiKeys.Metadata, api.requests.Metadata);
    const metadata = (await exchange(broker, ask({ topics, allowAutoTopicCreation: false }))) as Metadata;
    addresses = new Map(metadata.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]));
    const until = clock() + metadataMaxAgeMs;
    for (const topic of metadata.topicMetadata) known.set(topic.topic, { leaders: leadersOf(topic), until });
  };

  const connectTo = (nodeId: number): Promise<Broker> => {
    const address = addresses.get(nodeId);
    if (!address) throw new SluiceError("broker-unavailable", `broker ${nodeId} is unknown`, { canRetry: true });
    const node = connections.open(address.host, address.port);
    nodes.set(nodeId, node);
    return node;
  };

  return {
    leaders: async (topics) => {
      const now = clock();
      const unknown = topics.filter((topic) => {
        const found = known.get(topic);
        return found === undefined || found.until <= now || found.leaders instanceof SluiceError;
      });
      if (unknown.length > 0) await refresh(unknown);
      return new Map(
        topics.map((topic) => [topic, known.get(topic)?.leaders ?? topicFault(topic, UNKNOWN_TOPIC_OR_PARTITION)]),
      );
    },
    produce: async (nodeId, body) => sendProduce(await (nodes.get(nodeId) ?? connectTo(nodeId)), body),
    close: connections.close,
  };
};
