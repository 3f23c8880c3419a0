import { inject } from "vitest";
import { type DeadLetter, readDeadLetter } from "../messaging/dead-letter.ts";
import { readTopic } from "./read-topic.ts";

/** What is in a dead-letter topic of the stack now under these keys, in order; all tests share the topic. */
export const deadLettersOf = async (
  topic: { readonly name: string; readonly partitions: number },
  keys: ReadonlySet<string>,
): Promise<readonly DeadLetter[]> => {
  const records = await readTopic(inject("stack").kafkaBrokers, topic.name, topic.partitions);
  return records.filter(({ key }) => keys.has(Buffer.from(key ?? []).toString())).map(readDeadLetter);
};
