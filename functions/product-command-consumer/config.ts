import * as z from "zod";

/** The environment of this function. */
export const consumerConfig = z.object({
  DATABASE_URL: z.string().min(1),
  DATABASE_POOLER: z.enum(["none", "transaction"]).default("none"),
  /** Of the dead-letter topic: `host:port`, several with commas between. */
  KAFKA_BROKERS: z.string().min(1),
  /** `true` only behind a mapping with ReportBatchItemFailures: any other takes a partial answer for a success and goes on. */
  PARTIAL_BATCH_RESPONSE: z.stringbool().default(false),
  /** How many partitions of a batch are worked on at a time, each on a connection of its own. */
  COMMAND_CONCURRENCY: z.coerce.number().int().min(1).max(20).default(3),
  /** How many commands of a partition share a transaction. */
  COMMANDS_PER_TRANSACTION: z.coerce.number().int().min(1).max(1_000).default(200),
});
