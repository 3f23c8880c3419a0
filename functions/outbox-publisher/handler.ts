import type { Context } from "aws-lambda";
import { kafkaConnection } from "../../shared/kafka/kafka-connection.ts";
import { kafkaPublisher } from "../../shared/kafka/kafka-publisher.ts";
import { deadline } from "../../shared/lambda/deadline.ts";
import { readConfig } from "../../shared/lambda/read-config.ts";
import { createObservability, observed } from "../../shared/observability/observed.ts";
import { untilPaused } from "../../shared/operations/pauses/until-paused.ts";
import { measureOutbox } from "../../shared/outbox/outbox-status.ts";
import { hourlyPartitionUpkeep } from "../../shared/outbox/partition-upkeep.ts";
import { postgresOutbox } from "../../shared/outbox/postgres-outbox.ts";
import { createRelay } from "../../shared/outbox/relay.ts";
import { connectDatabase } from "../../shared/postgres/database-settings.ts";
import { publisherConfig, publisherEvent } from "./config.ts";

const name = "outbox-publisher";
const config = readConfig(publisherConfig, process.env);
const db = connectDatabase(config, { max: 3, applicationName: name });
const ports = { ...createObservability(name), clock: Date.now, db };
const sendTimeoutMs = config.OUTBOX_SEND_TIMEOUT_MS;
const relay = createRelay({
  ...ports,
  store: postgresOutbox(db, { source: config.OUTBOX_SOURCE }),
  publisher: kafkaPublisher({ connection: kafkaConnection(config, { clientId: name, ...ports }), sendTimeoutMs }),
  ...{ batchRows: config.OUTBOX_BATCH_ROWS, batchBytes: config.OUTBOX_BATCH_BYTES },
  leaseMs: config.OUTBOX_LEASE_MS,
  idleCeilingMs: config.OUTBOX_IDLE_CEILING_MS,
  sendTimeoutMs,
});
const run = untilPaused({ ...ports, ...config, name }, relay);
const upkeep = hourlyPartitionUpkeep({ ...ports, retentionDays: config.OUTBOX_RETENTION_DAYS });
process.once("SIGTERM", () => void relay.close()); // the local host's: what goes on gives its leases back at once. Lambda may send none

/** Started each minute; sends until shortly before its deadline, or in drain mode until the outbox is empty. */
export const handler = observed(ports, async (event: unknown, context: Context) => {
  await upkeep();
  const { mode = config.OUTBOX_MODE } = publisherEvent.parse(event);
  const report = await run({ mode, until: deadline(context, Date.now(), sendTimeoutMs + 1_500) });
  await measureOutbox(ports);
  return report;
});
