import * as z from "zod";
import { kafkaSettings, requireKafka } from "../../shared/kafka/kafka-settings.ts";
import { databaseSettings } from "../../shared/postgres/database-settings.ts";
import { requireSearch, searchSettings } from "../../shared/search/search-settings.ts";

/** The environment of this function. Kafka is there for the health check and for `/metrics`: the API never writes to it. */
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
      /** What `/metrics` asks for as a bearer token; without it, it is open to whoever can reach it. */
      METRICS_TOKEN: z.string().min(16).optional(),
    }),
  ),
);
export type ApiConfig = z.infer<typeof apiConfig>;
