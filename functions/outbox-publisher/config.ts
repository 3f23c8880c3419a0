import * as z from "zod";
import { kafkaSettings, requireKafka } from "../../shared/kafka/kafka-settings.ts";
import { pauseSettings } from "../../shared/operations/pauses/pause-settings.ts";
import { databaseSettings, requireDatabase } from "../../shared/postgres/database-settings.ts";

const whole = (from: number, to: number) => z.coerce.number().int().min(from).max(to);

const relayMode = z.enum(["drain", "continuous"]);

/** The environment of this function. */
export const publisherConfig = requireKafka(
  requireDatabase(
    z.object({
      ...databaseSettings,
      ...pauseSettings,
      ...kafkaSettings,
      OUTBOX_MODE: relayMode.default("continuous"),
      /**
       * The longest pause between two looks at an empty outbox; 250 on AWS, where each look is paid
       * for.
       */
      OUTBOX_IDLE_CEILING_MS: whole(1, 60_000).default(20),
      OUTBOX_BATCH_ROWS: whole(1, 20_000).default(2_000),
      /** Of payload. */
      OUTBOX_BATCH_BYTES: whole(1, 64_000_000).default(4_000_000),
      OUTBOX_SEND_TIMEOUT_MS: whole(100, 120_000).default(10_000),
      /** How long the shards of a drainer that was killed stay with it. */
      OUTBOX_LEASE_MS: whole(200, 600_000).default(30_000),
      /** Days that SENT and SKIPPED rows are kept for after theirs. */
      OUTBOX_RETENTION_DAYS: whole(0, 3_650).default(7),
      /** `ce_source` of what is sent. */
      OUTBOX_SOURCE: z.string().min(1).default("urn:sluice:product-catalogue"),
    }),
  ),
).refine((config) => config.OUTBOX_LEASE_MS > config.OUTBOX_SEND_TIMEOUT_MS, {
  path: ["OUTBOX_LEASE_MS"],
  message: "must be longer than OUTBOX_SEND_TIMEOUT_MS: a send might outlive its lease",
});

/** What the schedule and `npm run invoke` send; anything else in it is of no concern. */
export const publisherEvent = z.object({ mode: relayMode.optional() });
