import * as z from "zod";

/** The environment of this function. */
export const sweeperConfig = z.object({
  DATABASE_URL: z.string().min(1),
  DATABASE_POOLER: z.enum(["none", "transaction"]).default("none"),
});
