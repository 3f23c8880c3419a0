import { LambdaClient } from "@aws-sdk/client-lambda";
import type { Context } from "aws-lambda";
import { consumerGroups } from "../../shared/catalogue/groups.ts";
import { kafkaClusterReader } from "../../shared/kafka/cluster-reader.ts";
import { kafkaGroupOffsets } from "../../shared/kafka/group-offsets.ts";
import { kafkaConnection } from "../../shared/kafka/kafka-connection.ts";
import { eventSourceMapping } from "../../shared/lambda/event-source-mapping.ts";
import type { Log } from "../../shared/observability/logger.ts";
import { isPaused } from "../../shared/operations/pauses/is-paused.ts";
import type { RewindParts } from "../../shared/operations/rewind/rewind-parts.ts";
import type { Database } from "../../shared/postgres/queryable.ts";
import type { ReplayConfig } from "./config.ts";

/** So long after its last word an invocation that was killed is taken for dead. */
const LEASE_MS = 10_000;
/** Of the whole rewind: a batch may take 14 minutes, and Lambda some more to tell. */
const DISABLE_MS = 20 * 60_000;
const EMPTY_MS = 60_000;

export type PartsOptions = { readonly config: ReplayConfig; readonly db: Database; readonly log: Log };

const client = new LambdaClient({});

/** What a rewind needs, for one invocation: connections to Kafka do not outlive the freezing between two. */
export const withRewindParts = async <Answer>(
  { config, db, log }: PartsOptions,
  { awsRequestId }: Context,
  work: (parts: RewindParts) => Promise<Answer>,
): Promise<Answer> => {
  const connection = kafkaConnection(config, { clientId: "replay", log });
  const [reader, offsets] = [kafkaClusterReader({ connection }), kafkaGroupOffsets({ connection })];
  const mapping = eventSourceMapping({
    client,
    functions: { "product-event-consumer": config.PRODUCT_EVENT_CONSUMER_FUNCTION },
    isPaused: (functionName) => isPaused(db, functionName),
  });
  try {
    return await work({
      ...{ db, reader, offsets, mapping, registry: consumerGroups, clock: Date.now },
      ...{ owner: `replay ${awsRequestId}`, leaseMs: LEASE_MS, disableMs: DISABLE_MS, emptyMs: EMPTY_MS },
      log: (line) => log.info(line),
    });
  } finally {
    reader.close();
    offsets.close();
  }
};
