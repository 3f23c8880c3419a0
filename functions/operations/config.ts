import * as z from "zod";
import { kafkaSettings, requireKafka } from "../../shared/kafka/kafka-settings.ts";
import { databaseSettings, requireDatabase } from "../../shared/postgres/database-settings.ts";
import { requireSearch, searchSettings } from "../../shared/search/search-settings.ts";

/** The environment of this function. */
export const operationsConfig = requireKafka(
  requireSearch(
    requireDatabase(
      z.object({
        ...databaseSettings,
        ...searchSettings,
        ...kafkaSettings,
        /** Names or ARNs of the functions that an operator's command invokes or looks at. */
        OUTBOX_PUBLISHER_FUNCTION: z.string().min(1),
        PRODUCT_EVENT_CONSUMER_FUNCTION: z.string().min(1),
      }),
    ),
  ),
);
export type OperationsConfig = z.infer<typeof operationsConfig>;

/** One command of the tool; see `scripts/sluice/stage/operations-event.ts`. */
export const operationsEvent = z.object({
  argv: z.array(z.string()),
  isTty: z.boolean().default(false),
  actor: z.string().min(1),
  files: z.record(z.string(), z.string()).default({}),
});
