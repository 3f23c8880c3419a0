import * as z from "zod";
import { kafkaSettings, requireKafka } from "../../shared/kafka/kafka-settings.ts";
import { databaseSettings, requireDatabase } from "../../shared/postgres/database-settings.ts";

/** The environment of this function. */
export const deadLetterMonitorConfig = requireKafka(
  requireDatabase(z.object({ ...databaseSettings, ...kafkaSettings })),
);
