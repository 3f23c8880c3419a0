import * as z from "zod";
import { databaseSettings } from "../../shared/postgres/database-settings.ts";

/** The environment of this function. */
export const sweeperConfig = z.object(databaseSettings);
