import * as z from "zod";
import { databaseSettings, requireDatabase } from "../../shared/postgres/database-settings.ts";
import { requireSearch, searchSettings } from "../../shared/search/search-settings.ts";

/**
 * The environment of this function. It has no Kafka: what it writes reaches the topics through the
 * outbox.
 */
export const apiConfig = requireSearch(requireDatabase(z.object({ ...databaseSettings, ...searchSettings })));
