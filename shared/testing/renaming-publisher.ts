import type { RecordPublisher } from "../messaging/record-publisher.ts";

/** Writes records to topics of a test's own: `names` has the one that stands for each topic that messages name. */
export const renamingPublisher = (
  publisher: RecordPublisher,
  names: Readonly<Record<string, string>>,
): RecordPublisher => {
  const nameOf = (topic: string): string => {
    const name = names[topic];
    if (name === undefined) throw new Error(`no topic stands for ${topic}`);
    return name;
  };
  return {
    publish: (records) => publisher.publish(records.map((record) => ({ ...record, topic: nameOf(record.topic) }))),
    close: () => publisher.close(),
  };
};
