import type { Admin } from "kafkajs";
import { createKafka } from "../../../shared/kafka/create-kafka.ts";
import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import type { Log } from "../../../shared/observability/logger.ts";
import { kafkaOf } from "../../sluice/kafka-of.ts";
import { type BatchReport, startPoller } from "../poller/poller.ts";
import type { FunctionPool } from "../process/function-pool.ts";

export type CatchUpOptions = {
  readonly brokers: string;
  readonly topic: string;
  readonly groupId: string;
  readonly batchSize: number;
  readonly pool: Pick<FunctionPool, "invoke">;
  readonly log: Log;
  /** Ends it early, in order. */
  readonly signal: AbortSignal;
};

/** Batches in a row that failed, after which it gives up: with the waits between them, some seconds. */
const FAILURES = 6;
const LOOK_MS = 50;

/** True when the group has committed everything that was in the topic at the time of `ends`. */
const isCaughtUp = async (admin: Admin, { topic, groupId }: CatchUpOptions, ends: ReadonlyMap<number, bigint>) => {
  const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
  const committed = new Map(offsets?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
  return [...ends].every(([partition, end]) => (committed.get(partition) ?? -1n) >= end);
};

/** Partitions that hold records, with the offset after the last. */
const endsOf = async (admin: Admin, topic: string): Promise<ReadonlyMap<number, bigint>> => {
  const offsets = await admin.fetchTopicOffsets(topic);
  const filled = offsets.filter(({ low, high }) => BigInt(high) > BigInt(low));
  return new Map(filled.map(({ partition, high }) => [partition, BigInt(high)]));
};

/**
 * Has a function consume in its group, from what is committed to what is in the topic now, and leaves the group.
 * @returns how many records in how many batches were done; a batch that was tried again counts once more
 * @throws SluiceError `not-caught-up` when the function fails several times in a row, or when it was ended early
 */
export const catchUp = async (options: CatchUpOptions): Promise<{ records: number; batches: number }> => {
  const { brokers, topic, groupId, batchSize, pool, log, signal } = options;
  const quiet = { ...log, warn: log.debug };
  const connection = kafkaOf(brokers, process.env, { clientId: "sluice-invoke", log: quiet });
  const admin = createKafka(connection).admin();
  await admin.connect();
  const reports: BatchReport[] = [];
  let failures = 0;
  try {
    const ends = await endsOf(admin, topic);
    if (await isCaughtUp(admin, options, ends)) return { records: 0, batches: 0 };
    const poller = startPoller({
      connection,
      topic,
      groupId,
      batchSize,
      windowMs: 0,
      backoff: { firstMs: 100, maxMs: 2000 },
      invoke: (payload) => pool.invoke(payload),
      log,
      onBatch: (report) => {
        reports.push(report);
        failures = report.outcome === "failure" || report.outcome === "partial" ? failures + 1 : 0;
      },
    });
    try {
      while (!(await isCaughtUp(admin, options, ends))) {
        if (signal.aborted) throw new SluiceError("not-caught-up", "ended before it had caught up");
        if (failures >= FAILURES)
          throw new SluiceError("not-caught-up", `the function failed ${failures} times in a row`, {
            hint: "see its log lines above; nothing is lost: what failed is not committed",
          });
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    } finally {
      await poller.stop();
    }
  } finally {
    await admin.disconnect();
  }
  return { records: reports.reduce((sum, { records }) => sum + records, 0), batches: reports.length };
};
