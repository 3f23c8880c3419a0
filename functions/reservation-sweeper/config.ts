import * as z from "zod";
import { databaseSettings, requireDatabase } from "../../shared/postgres/database-settings.ts";

/** The environment of this function. */
export const sweeperConfig = requireDatabase(z.object(databaseSettings));
