import * as z from "zod";
import { kafkaSettings, requireKafka } from "../../shared/kafka/kafka-settings.ts";
import { databaseSettings, requireDatabase } from "../../shared/postgres/database-settings.ts";
import { requireSearch, searchSettings } from "../../shared/search/search-settings.ts";

/**
 * The environment of this function. It looks at all parts and writes to none but its own counts.
 */
export const probesConfig = requireKafka(
  requireSearch(
    requireDatabase(
      z.object({
        ...databaseSettings,
        ...searchSettings,
        ...kafkaSettings,
        /** `/health/` warns when the oldest outbox row has been pending for longer. Seconds. */
        HEALTH_PENDING_SECONDS: z.coerce.number().int().min(1).default(120),
        /** `/health/` warns when an operator has paused something for longer. Seconds. */
        HEALTH_PAUSED_SECONDS: z.coerce.number().int().min(1).default(900),
        /**
         * For how long each process answers `/health/` from what it found out last; a failure for 1
         * s at the most. 0: never.
         */
        HEALTH_FRESH_SECONDS: z.coerce.number().int().min(0).max(60).default(5),
        /** By what names a token allows reading and writing; the API's document tells them. */
        API_READ_SCOPE: z.string().min(1).default("sluice/read"),
        API_WRITE_SCOPE: z.string().min(1).default("sluice/write"),
        /**
         * What `/metrics` asks for as a bearer token; without it, everybody who can
         * reach it may read it.
         */
        METRICS_TOKEN: z.string().min(16).optional(),
      }),
    ),
  ),
);
export type ProbesConfig = z.infer<typeof probesConfig>;
