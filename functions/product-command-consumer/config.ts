import * as z from "zod";
import { kafkaSettings, requireKafka } from "../../shared/kafka/kafka-settings.ts";
import { pauseSettings } from "../../shared/operations/pauses/pause-settings.ts";
import { databaseSettings, requireDatabase } from "../../shared/postgres/database-settings.ts";

/** The environment of this function. It writes to Kafka what it cannot do: its dead letters. */
export const consumerConfig = requireKafka(
  requireDatabase(
    z.object({
      ...databaseSettings,
      ...pauseSettings,
      ...kafkaSettings,
      /**
       * `true` only behind a mapping with ReportBatchItemFailures: any other takes a partial answer
       * for a success and goes on.
       */
      PARTIAL_BATCH_RESPONSE: z.stringbool().default(false),
      /**
       * How many partitions of a batch are worked on at a time, each on a connection of its own.
       */
      COMMAND_CONCURRENCY: z.coerce.number().int().min(1).max(20).default(3),
      /** How many commands of a partition share a transaction. */
      COMMANDS_PER_TRANSACTION: z.coerce.number().int().min(1).max(1_000).default(200),
    }),
  ),
);
