import type { ClusterReader } from "../../shared/messaging/cluster-reader.ts";
import type { GroupRegistry } from "../../shared/messaging/consumer-groups.ts";
import { findRecord } from "../../shared/operations/trace/find-record.ts";
import type { TracedRow } from "../../shared/operations/trace/outbox-rows.ts";
import type { TracedMessage } from "./trace-report.ts";

/** Without Kafka: the rows alone. */
export const notAsked = (rows: readonly TracedRow[]): readonly TracedMessage[] =>
  rows.map((row) => ({ ...row, partition: undefined, offset: undefined, place: "not-asked", consumed: undefined }));

type Asking = {
  readonly reader: ClusterReader;
  readonly groups: GroupRegistry;
  readonly partitionOf: (key: string, partitions: number) => number;
  readonly signal: AbortSignal;
};

/** Offsets that the topic's consumer has committed, by partition. */
const committedIn = async ({ reader, groups }: Asking, topic: string): Promise<ReadonlyMap<number, bigint>> => {
  const group = groups.groups.find(({ topics }) => topics.includes(topic));
  if (group === undefined) return new Map();
  const positions = await reader.committed(group.groupId);
  return new Map(positions.filter((each) => each.topic === topic).map((each) => [each.partition, each.offset]));
};

type Committed = (topic: string) => Promise<ReadonlyMap<number, bigint>>;

const locate = async (
  row: TracedRow,
  partitions: number,
  asking: Asking,
  committedTo: Committed,
): Promise<TracedMessage> => {
  const { topic, eventId, sentAt, partitionKey } = row;
  const partition = asking.partitionOf(partitionKey, partitions);
  const unknown = { ...row, partition, offset: undefined, consumed: undefined };
  if (sentAt === undefined) return { ...unknown, place: "not-sent" };
  if (asking.signal.aborted) return { ...unknown, place: "gave-up" };
  const wanted = { topic, partition, eventId, takenAt: Date.parse(sentAt) };
  const found = await findRecord(asking.reader, wanted, asking.signal);
  if (!found.found) return { ...unknown, place: found.why };
  const committed = (await committedTo(topic)).get(partition);
  const consumed = committed === undefined ? false : committed > found.offset;
  return { ...unknown, offset: found.offset, place: "found", consumed };
};

/** Where Kafka has these messages, one after the other until the signal ends it. */
export const locateMessages = async (rows: readonly TracedRow[], asking: Asking): Promise<readonly TracedMessage[]> => {
  const topics = new Map((await asking.reader.topics()).map(({ topic, partitions }) => [topic, partitions.length]));
  const asked = new Map<string, ReturnType<Committed>>();
  const committedTo: Committed = (topic) => {
    const positions = asked.get(topic) ?? committedIn(asking, topic);
    asked.set(topic, positions);
    return positions;
  };
  const messages: TracedMessage[] = [];
  for (const row of rows) {
    const partitions = topics.get(row.topic);
    messages.push(
      ...(partitions === undefined
        ? notAsked([row]).map((message) => ({ ...message, place: "absent" as const }))
        : [await locate(row, partitions, asking, committedTo)]),
    );
  }
  return messages;
};
