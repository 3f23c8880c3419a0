import { setTimeout as wait } from "node:timers/promises";
import { commandRetentionMs } from "../../shared/catalogue/commands/command-retention.ts";
import { createCommandHandler } from "../../shared/catalogue/commands/handle-commands.ts";
import { productCommandGroup } from "../../shared/catalogue/groups.ts";
import { messages } from "../../shared/catalogue/messages.ts";
import { topics } from "../../shared/catalogue/topics.ts";
import { createCommandConsumer } from "../../shared/inbox/consume-commands.ts";
import { hourlyInboxPurge } from "../../shared/inbox/hourly-inbox-purge.ts";
import { kafkaConnection } from "../../shared/kafka/kafka-connection.ts";
import { kafkaPublisher } from "../../shared/kafka/kafka-publisher.ts";
import { fromMskEvent, type MskEvent } from "../../shared/kafka/msk-event.ts";
import { answeringBatches } from "../../shared/lambda/answer-batches.ts";
import { readConfig } from "../../shared/lambda/read-config.ts";
import { createObservability, observed } from "../../shared/observability/observed.ts";
import { appendToOutbox } from "../../shared/outbox/append-to-outbox.ts";
import { connectDatabase } from "../../shared/postgres/database-settings.ts";
import { consumerConfig } from "./config.ts";

const name = "product-command-consumer";
const { name: deadLetterTopic, maxMessageBytes } = topics.productCommandsDeadLetters;
const config = readConfig(consumerConfig, process.env);
const { COMMAND_CONCURRENCY: concurrency, COMMANDS_PER_TRANSACTION: commandsPerTransaction } = config;
const observability = createObservability(name);
const pool = { max: concurrency, applicationName: name };
const inbox = { consumer: productCommandGroup.groupId, retentionMs: commandRetentionMs };
const ports = { db: connectDatabase(config, pool), clock: Date.now, ...inbox, ...observability };
const publisher = kafkaPublisher({ connection: kafkaConnection(config, { clientId: name, ...observability }) });
const deadLetters = { publisher, topic: deadLetterTopic, maxRecordBytes: maxMessageBytes, group: inbox.consumer };
const handle = createCommandHandler({ appendToOutbox, clock: Date.now });
const doing = { handle, commandsPerTransaction, concurrency, random: Math.random, wait: (ms: number) => wait(ms) };
const partialResponse = config.PARTIAL_BATCH_RESPONSE;
const consume = createCommandConsumer({ ...ports, ...doing, registry: messages, deadLetters, partialResponse });
const answer = answeringBatches({ ...ports, ...config, name }, consume, hourlyInboxPurge(ports));

/** Does a batch of commands, each exactly once; answers the records that are to come again. */
export const handler = observed(ports, (event: MskEvent) => answer(fromMskEvent(event)));
