import * as z from "zod";
import { databaseSettings, requireDatabase } from "../../shared/postgres/database-settings.ts";
import { requireSearch, searchSettings } from "../../shared/search/search-settings.ts";

/** The environment of this function. */
export const verifierConfig = requireSearch(
  requireDatabase(
    z.object({
      ...databaseSettings,
      ...searchSettings,
      /** Rows that are compared, from places by chance; `all` for every row. */
      VERIFY_SAMPLE: z.union([z.literal("all"), z.coerce.number().int().min(1)]).default(1_000),
      /** How long what differs may take to come right, as its events are on their way. */
      VERIFY_PATIENCE_SECONDS: z.coerce.number().int().min(0).max(600).default(30),
    }),
  ),
);
