import * as z from "zod";

/** The environment of this function. */
export const apiConfig = z.object({
  DATABASE_URL: z.string().min(1),
  DATABASE_POOLER: z.enum(["none", "transaction"]).default("none"),
  OPENSEARCH_URL: z.url(),
  /** `host:port`, several with commas between. For the health check alone: the API never writes to Kafka. */
  KAFKA_BROKERS: z.string().min(1),
  KAFKA_TLS: z.stringbool().default(false),
  /** `/health/` warns when the oldest outbox row has been pending for longer. Seconds. */
  HEALTH_PENDING_SECONDS: z.coerce.number().int().min(1).default(120),
  /** `/health/` warns when an operator has paused something for longer. Seconds. */
  HEALTH_PAUSED_SECONDS: z.coerce.number().int().min(1).default(900),
});
export type ApiConfig = z.infer<typeof apiConfig>;
