import * as z from "zod";
import { kafkaSettings, requireKafka } from "../../shared/kafka/kafka-settings.ts";
import { databaseSettings, requireDatabase } from "../../shared/postgres/database-settings.ts";
import { requireSearch, searchSettings } from "../../shared/search/search-settings.ts";

/** The environment of this function. */
export const replayConfig = requireKafka(
  requireSearch(
    requireDatabase(
      z.object({
        ...databaseSettings,
        ...searchSettings,
        ...kafkaSettings,
        /** Name or ARN of the function whose mapping a rewind disables and enables. */
        PRODUCT_EVENT_CONSUMER_FUNCTION: z.string().min(1),
      }),
    ),
  ),
);
export type ReplayConfig = z.infer<typeof replayConfig>;
