import { brokerConnections } from "../kafka/broker-connections.ts";
import type { InboundRecord } from "../messaging/record.ts";
import { silentLog } from "../observability/logger.ts";

const MAX_BYTES = 16_000_000;

/**
 * Everything that is in a topic now, partition by partition, in order. Needs no group, so it disturbs none and waits for none.
 * Asks one broker, as our stacks have one. Headers of one name stand together.
 */
export const readTopic = async (
  brokers: string,
  topic: string,
  partitions: number,
): Promise<readonly InboundRecord[]> => {
  const connections = brokerConnections(
    { brokers: brokers.split(","), clientId: "read-topic", log: silentLog },
    30_000,
  );
  try {
    const broker = await connections.openAny();
    const records: InboundRecord[] = [];
    for (let partition = 0; partition < partitions; partition++) {
      for (let next = 0n, end = 1n; next < end; ) {
        const { responses } = await broker.fetch({
          topics: [{ topic, partitions: [{ partition, fetchOffset: String(next), maxBytes: MAX_BYTES }] }],
          maxWaitTime: 100,
          minBytes: 1,
        });
        const fetched = responses[0]?.partitions[0];
        if (!fetched) throw new Error(`no answer for ${topic}-${partition}`);
        end = BigInt(fetched.highWatermark);
        for (const { offset, timestamp, key, value, headers } of fetched.messages) {
          if (BigInt(offset) < next) continue; // a batch is given whole
          next = BigInt(offset) + 1n;
          records.push({
            topic,
            partition,
            offset: BigInt(offset),
            timestamp: Number(timestamp),
            timestampType: "LOG_APPEND_TIME",
            key,
            value,
            headers: Object.entries(headers).flatMap(([name, values]) =>
              [values].flat().map((each) => [name, each] as const),
            ),
          });
        }
      }
    }
    return records;
  } finally {
    connections.close();
  }
};
