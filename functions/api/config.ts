import * as z from "zod";
import { kafkaSettings, requireKafka } from "../../shared/kafka/kafka-settings.ts";
import { databaseSettings } from "../../shared/postgres/database-settings.ts";
import { requireSearch, searchSettings } from "../../shared/search/search-settings.ts";

/** The environment of this function. Kafka is there for the health check alone: the API never writes to it. */
export const apiConfig = requireKafka(
  requireSearch(
    z.object({
      ...databaseSettings,
      ...searchSettings,
      ...kafkaSettings,
      /** `/health/` warns when the oldest outbox row has been pending for longer. Seconds. */
      HEALTH_PENDING_SECONDS: z.coerce.number().int().min(1).default(120),
      /** `/health/` warns when an operator has paused something for longer. Seconds. */
      HEALTH_PAUSED_SECONDS: z.coerce.number().int().min(1).default(900),
    }),
  ),
);
export type ApiConfig = z.infer<typeof apiConfig>;
