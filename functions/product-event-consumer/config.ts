import * as z from "zod";

/** The environment of this function. */
export const consumerConfig = z.object({
  DATABASE_URL: z.string().min(1),
  DATABASE_POOLER: z.enum(["none", "transaction"]).default("none"),
  OPENSEARCH_URL: z.url(),
  /** Of the dead-letter topic: `host:port`, several with commas between. */
  KAFKA_BROKERS: z.string().min(1),
  /** `true` only behind a mapping with ReportBatchItemFailures: any other takes a partial answer for a success and goes on. */
  PARTIAL_BATCH_RESPONSE: z.stringbool().default(false),
});
