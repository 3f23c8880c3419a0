import * as z from "zod";
import { kafkaSettings, requireKafka } from "../../shared/kafka/kafka-settings.ts";
import { databaseSettings, requireDatabase } from "../../shared/postgres/database-settings.ts";
import { requireSearch, searchSettings } from "../../shared/search/search-settings.ts";

/** The environment of this function. */
export const provisionConfig = requireKafka(
  requireSearch(
    requireDatabase(
      z.object({
        ...databaseSettings,
        ...searchSettings,
        ...kafkaSettings,
        /**
         * How the functions' users sign in: `iam` gives them tokens of RDS instead of passwords.
         * The owner, who makes them, has a password.
         */
        DATABASE_USERS: z.enum(["password", "iam"]).default("password"),
        /** As one of those users, by the way that the functions take. It is tried at the end. */
        USERS_DATABASE_URL: databaseSettings.DATABASE_URL.optional(),
        /**
         * How many replicas hold a record: `single` on a laptop; `replicated` is three, of which
         * two must have it; `of-the-cluster` is three as well, where the cluster sets the rest and
         * refuses to hear of it, as MSK Serverless does.
         */
        TOPIC_DURABILITY: z.enum(["single", "replicated", "of-the-cluster"]).default("single"),
      }),
    ),
  ),
);
export type ProvisionConfig = z.infer<typeof provisionConfig>;
