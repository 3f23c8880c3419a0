import { productProjection, productProjectionGroup } from "../../shared/catalogue/product-projection.ts";
import { hourlyTombstonePurge } from "../../shared/catalogue/product-tombstones.ts";
import { topics } from "../../shared/catalogue/topics.ts";
import { kafkaConnection } from "../../shared/kafka/kafka-connection.ts";
import { kafkaPublisher } from "../../shared/kafka/kafka-publisher.ts";
import { fromMskEvent, type MskEvent } from "../../shared/kafka/msk-event.ts";
import { answeringBatches } from "../../shared/lambda/answer-batches.ts";
import { readConfig } from "../../shared/lambda/read-config.ts";
import { createObservability, observed } from "../../shared/observability/observed.ts";
import { connectDatabase } from "../../shared/postgres/database-settings.ts";
import { createProjector } from "../../shared/projection/project-batch.ts";
import { connectSearch } from "../../shared/search/search-client.ts";
import { searchAddress } from "../../shared/search/search-settings.ts";
import { consumerConfig } from "./config.ts";

const name = "product-event-consumer";
const { name: deadLetterTopic, maxMessageBytes } = topics.productEventsDeadLetters;
const config = readConfig(consumerConfig, process.env);
const ports = {
  db: connectDatabase(config, { max: 2, applicationName: name }),
  search: connectSearch({ ...searchAddress(config), timeoutMs: 30_000 }),
  clock: Date.now,
  ...createObservability(name),
};
const publisher = kafkaPublisher({ connection: kafkaConnection(config, { clientId: name, ...ports }) });
const project = createProjector({
  ...ports,
  projection: productProjection,
  deadLetters: { publisher, topic: deadLetterTopic, maxRecordBytes: maxMessageBytes, group: productProjectionGroup },
  partialResponse: config.PARTIAL_BATCH_RESPONSE,
});
const answer = answeringBatches({ ...ports, ...config, name }, project, hourlyTombstonePurge(ports));

/** Brings the product read models up to a batch of events; answers the records that are to come again. */
export const handler = observed(ports, (event: MskEvent) => answer(fromMskEvent(event)));
