import * as z from "zod";
import { kafkaSettings, requireKafka } from "../../shared/kafka/kafka-settings.ts";
import { pauseSettings } from "../../shared/operations/pauses/pause-settings.ts";
import { databaseSettings, requireDatabase } from "../../shared/postgres/database-settings.ts";
import { requireSearch, searchSettings } from "../../shared/search/search-settings.ts";

/** The environment of this function. It writes to Kafka what it cannot do: its dead letters. */
export const consumerConfig = requireKafka(
  requireSearch(
    requireDatabase(
      z.object({
        ...databaseSettings,
        ...pauseSettings,
        ...searchSettings,
        ...kafkaSettings,
        /**
         * `true` only behind a mapping with ReportBatchItemFailures: any other takes a partial
         * answer for a success and goes on.
         */
        PARTIAL_BATCH_RESPONSE: z.stringbool().default(false),
      }),
    ),
  ),
);
