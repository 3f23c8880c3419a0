import type { Context } from "aws-lambda";
import { deadLetterRoutes } from "../../shared/catalogue/dead-letter-routes.ts";
import { kafkaClusterReader } from "../../shared/kafka/cluster-reader.ts";
import { kafkaConnection } from "../../shared/kafka/kafka-connection.ts";
import { kafkaPublisher } from "../../shared/kafka/kafka-publisher.ts";
import { readConfig } from "../../shared/lambda/read-config.ts";
import { timeLeft } from "../../shared/lambda/time-left.ts";
import { createObservability, observed } from "../../shared/observability/observed.ts";
import { createRepublish, type RepublishEvent } from "../../shared/operations/dead-letters/republish.ts";
import { connectDatabase } from "../../shared/postgres/database-settings.ts";
import { dlqRepublishConfig } from "./config.ts";

const name = "dlq-republish";
const leaseMs = 30_000;
const reserveMs = 20_000; // the page in flight is sent and noted
const config = readConfig(dlqRepublishConfig, process.env);
const observability = createObservability(name);
const { log } = observability;
const db = connectDatabase(config, { max: 2, applicationName: name });
const connection = kafkaConnection(config, { clientId: name, log });
const shared = { db, routes: deadLetterRoutes, clock: Date.now, leaseMs };

/** A task of `dlq-republish.asl.json`: as many pages of dead letters as its time allows. */
export const handler = observed(observability, async (event: RepublishEvent, context: Context) => {
  const [reader, publisher] = [kafkaClusterReader({ connection }), kafkaPublisher({ connection })];
  try {
    const owner = `${name} ${context.awsRequestId}`;
    return await createRepublish({ ...shared, reader, publisher, owner })(event, timeLeft(context, reserveMs));
  } finally {
    reader.close();
    await publisher.close();
  }
});
