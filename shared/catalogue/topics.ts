/** A topic as it is created. A partition count is never raised in place: keys would change partition and lose their order. */
export type Topic = {
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number;
  /** Of a record batch; the broker's default (1 MiB) when left out. */
  readonly maxMessageBytes?: number;
  /** What goes over it, for the AsyncAPI document. */
  readonly description?: string;
};

/** A dead letter is its record and some more headers: what the origin's topic took, this one must take. */
const maxMessageBytes = 2 * 1024 * 1024;

const days = (count: number): number => count * 24 * 60 * 60 * 1000;

/** Every topic of the system. Dead letters outlive the records that they came from, so that an incident can be mended. */
export const topics = {
  productEvents: {
    name: "product.events",
    partitions: 6,
    retentionMs: days(7),
    description:
      "Facts of products and of reservations, each with the full state after it, and the word that a command was refused " +
      "(`…-rejected`, no state, no ce_sequence). Of one key, first deliveries come in the order in which they were written. " +
      "Records that its consumer cannot use go to dlq.product.events, as they came, with Spring's kafka_dlt-* headers.",
  },
  productCommands: {
    name: "product.commands",
    partitions: 6,
    retentionMs: days(7),
    description:
      "Commands, keyed by the aggregate that they are for; what became of a line comes back as a command on its reservation. " +
      "One that is repeated under its ce_id takes effect once. A refusal is an event in product.events. " +
      "Records that cannot be understood go to dlq.product.commands. Its consumer group is never rewound.",
  },
  productEventsDeadLetters: { name: "dlq.product.events", partitions: 6, retentionMs: days(14), maxMessageBytes },
  productCommandsDeadLetters: { name: "dlq.product.commands", partitions: 6, retentionMs: days(14), maxMessageBytes },
} as const satisfies Record<string, Topic>;
