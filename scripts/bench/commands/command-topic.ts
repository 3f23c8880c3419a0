import type { ReserveStock } from "../../../shared/domain/products/stock-decision.ts";
import { createKafka } from "../../../shared/kafka/create-kafka.ts";
import { kafkaPublisher } from "../../../shared/kafka/kafka-publisher.ts";
import { ensureTopics } from "../../../shared/kafka/topics.ts";
import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import { silentLog } from "../../../shared/observability/logger.ts";
import { functionEnvironment } from "../../host/function-environment.ts";
import { type FunctionSpec, functions } from "../../host/functions.ts";
import { catchUp } from "../../host/invoke/catch-up.ts";
import { startFunctionPool } from "../../host/process/function-pool.ts";
import type { StackAddresses } from "../../stack/index.ts";
import { peakMemoryMb } from "../process/peak-memory.ts";
import { toRecord } from "./reserve-commands.ts";

const consumer = functions.find(({ name }) => name === "product-command-consumer") as FunctionSpec;

/** A topic of commands, and the consumer's function behind the host's poller. */
export type CommandTopic = AsyncDisposable & {
  /** Writes the commands to the topic; then commands/s from the poller's start until the group has committed all of them. */
  consume(commands: readonly ReserveStock[]): Promise<number>;
  /** Of the function's process. */
  peakRssMb(): number;
};

export const benchCommandTopic = async (addresses: StackAddresses, partitions: number): Promise<CommandTopic> => {
  const { kafkaBrokers } = addresses;
  const name = `bench.commands.${Date.now()}`;
  const connection = { brokers: kafkaBrokers.split(","), clientId: "bench-commands", log: silentLog };
  await ensureTopics(kafkaBrokers, [{ name, partitions, retentionMs: 3_600_000 }], {
    replicationFactor: 1,
    minInsyncReplicas: 1,
  });
  const publisher = kafkaPublisher({ connection });
  const pool = startFunctionPool({
    spec: consumer,
    environment: functionEnvironment(consumer, addresses, process.env),
    onLine: () => {},
    log: silentLog,
  });
  const publish = async (commands: readonly ReserveStock[]): Promise<void> => {
    const outcomes = await publisher.publish(commands.map((command) => toRecord(command, name)));
    if (outcomes.some(({ status }) => status !== "acknowledged"))
      throw new SluiceError("bench-failed", "commands could not be written to the topic");
  };
  const trigger = consumer.trigger.kind === "kafka" ? consumer.trigger : undefined;
  const batchSize = trigger?.batchSize ?? 1000;
  return {
    consume: async (commands) => {
      for (let at = 0; at < commands.length; at += 5_000) await publish(commands.slice(at, at + 5_000));
      const signal = new AbortController().signal;
      const began = performance.now();
      await catchUp({ brokers: kafkaBrokers, topic: name, groupId: name, batchSize, pool, log: silentLog, signal });
      return (commands.length * 1000) / (performance.now() - began);
    },
    peakRssMb: () => Math.max(...pool.status().pids.map(peakMemoryMb)),
    [Symbol.asyncDispose]: async () => {
      await pool.stop(8_000);
      await publisher.close();
      const admin = createKafka(connection).admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [name] });
      await admin.disconnect();
    },
  };
};
