/** A topic as it is created. A partition count is never raised in place: keys would change partition and lose their order. */
export type Topic = {
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number;
  /** Of a record batch; the broker's default (1 MiB) when left out. */
  readonly maxMessageBytes?: number;
};

/** A dead letter is its record and some more headers: what the origin's topic took, this one must take. */
const maxMessageBytes = 2 * 1024 * 1024;

const days = (count: number): number => count * 24 * 60 * 60 * 1000;

/** Every topic of the system. Dead letters outlive the records that they came from, so that an incident can be mended. */
export const topics = {
  productEvents: { name: "product.events", partitions: 6, retentionMs: days(7) },
  productCommands: { name: "product.commands", partitions: 6, retentionMs: days(7) },
  productEventsDeadLetters: { name: "dlq.product.events", partitions: 6, retentionMs: days(14), maxMessageBytes },
  productCommandsDeadLetters: { name: "dlq.product.commands", partitions: 6, retentionMs: days(14), maxMessageBytes },
} as const satisfies Record<string, Topic>;
