import type { Batch, BatchOutcome } from "./backlog.ts";

const failure = (reason: string): BatchOutcome => ({ kind: "failure", reason });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The first and the last offset of each partition in the batch, keyed as the event's records are: `topic-0`. */
const rangesOf = (batch: Batch): ReadonlyMap<string, { partition: number; first: bigint; last: bigint }> => {
  const ranges = new Map<string, { partition: number; first: bigint; last: bigint }>();
  for (const { topic, partition, offset } of batch.records) {
    const key = `${topic}-${partition}`;
    ranges.set(key, { partition, first: ranges.get(key)?.first ?? offset, last: offset });
  }
  return ranges;
};

/**
 * What a function's answer says of its batch. Nothing, `null`, `{}` and an empty or null list are a complete success.
 * Whatever is malformed (an empty or missing identifier, a wrong key, a partition or an offset that is not in the batch)
 * is a complete failure: guessing could commit a record that failed.
 * See https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html and "Success and failure conditions"
 * in https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 * @param payload the answer as JSON
 */
export const readBatchResponse = (payload: string, batch: Batch): BatchOutcome => {
  const answer: unknown = JSON.parse(payload);
  if (!isObject(answer)) return { kind: "success" }; // a function that answers nothing of ours succeeded
  const failures = answer["batchItemFailures"] ?? [];
  if (!Array.isArray(failures)) return failure("batchItemFailures is not a list");
  if (failures.length === 0) return { kind: "success" };
  const ranges = rangesOf(batch);
  const failedFrom = new Map<number, bigint>();
  for (const each of failures) {
    const identifier = isObject(each) ? each["itemIdentifier"] : undefined;
    if (!isObject(identifier)) return failure("an itemIdentifier is not an object of partition and offset");
    const { partition, offset } = identifier;
    const range = typeof partition === "string" ? ranges.get(partition) : undefined;
    if (range === undefined)
      return failure(`an itemIdentifier names a partition that is not in the batch: ${partition}`);
    if (!Number.isSafeInteger(offset)) return failure(`an itemIdentifier's offset is not an integer: ${offset}`);
    const at = BigInt(offset as number);
    if (at < range.first || at > range.last)
      return failure(`an itemIdentifier's offset is not in the batch: ${offset}`);
    const lowest = failedFrom.get(range.partition);
    failedFrom.set(range.partition, lowest === undefined || at < lowest ? at : lowest);
  }
  return { kind: "partial", failedFrom };
};
