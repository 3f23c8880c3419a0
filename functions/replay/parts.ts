import { LambdaClient } from "@aws-sdk/client-lambda";
import type { Context } from "aws-lambda";
import { consumerGroups } from "../../shared/catalogue/groups.ts";
import { productReadModel } from "../../shared/catalogue/product-read-model.ts";
import { kafkaClusterReader } from "../../shared/kafka/cluster-reader.ts";
import { kafkaGroupOffsets } from "../../shared/kafka/group-offsets.ts";
import { kafkaConnection } from "../../shared/kafka/kafka-connection.ts";
import { eventSourceMapping } from "../../shared/lambda/event-source-mapping.ts";
import type { ProjectionGroup } from "../../shared/messaging/consumer-groups.ts";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { Log } from "../../shared/observability/logger.ts";
import { isPaused } from "../../shared/operations/pauses/is-paused.ts";
import type { Driver } from "../../shared/operations/replay-machine/driver.ts";
import type { Kind } from "../../shared/operations/replay-machine/machine-state.ts";
import { rebuildDriver } from "../../shared/operations/replay-machine/rebuild-driver.ts";
import { rewindDriver } from "../../shared/operations/replay-machine/rewind-driver.ts";
import type { Database } from "../../shared/postgres/queryable.ts";
import { connectSearch } from "../../shared/search/search-client.ts";
import { searchAddress } from "../../shared/search/search-settings.ts";
import type { ReplayConfig } from "./config.ts";

/** So long after its last word an invocation that was killed is taken for dead. */
const LEASE_MS = 10_000;
/** Of the whole rewind: a batch may take 14 minutes, and Lambda some more to tell. */
const DISABLE_MS = 20 * 60_000;
const EMPTY_MS = 60_000;

/** Of a rebuild, as of the tool's; see scripts/sluice/with-rebuild.ts. */
const REBUILD = { leaseMs: LEASE_MS, pageSize: 1_000, stallMs: 30_000, parityMs: 30_000, freshMs: 15 * 60_000 };

export type PartsOptions = { readonly config: ReplayConfig; readonly db: Database; readonly log: Log };

const client = new LambdaClient({});

const model = productReadModel();

const groupOf = (projection: string): ProjectionGroup => {
  for (const group of consumerGroups.groups)
    if (group.kind === "projection" && group.projection === projection) return group;
  throw new SluiceError("unknown-group", `no consumer group keeps ${projection}`);
};

/** What a rewind and a rebuild need, for one invocation: connections to Kafka do not outlive the freezing between two. */
export const withDrivers = async <Answer>(
  { config, db, log }: PartsOptions,
  { awsRequestId }: Context,
  work: (drivers: Readonly<Record<Kind, Driver>>) => Promise<Answer>,
): Promise<Answer> => {
  const connection = kafkaConnection(config, { clientId: "replay", log });
  const [reader, offsets] = [kafkaClusterReader({ connection }), kafkaGroupOffsets({ connection })];
  const mapping = eventSourceMapping({
    client,
    functions: { "product-event-consumer": config.PRODUCT_EVENT_CONSUMER_FUNCTION },
    isPaused: (functionName) => isPaused(db, functionName),
  });
  const search = connectSearch({ ...searchAddress(config), timeoutMs: 30_000 });
  const common = {
    ...{ db, reader, mapping, clock: Date.now, owner: `replay ${awsRequestId}` },
    log: (line: string) => log.info(line),
  };
  const rewound = { offsets, registry: consumerGroups, leaseMs: LEASE_MS, disableMs: DISABLE_MS, emptyMs: EMPTY_MS };
  const rebuilt = { search, model, group: groupOf(model.projection), ...REBUILD };
  try {
    return await work({
      rewind: rewindDriver({ ...common, ...rewound }),
      rebuild: rebuildDriver({ ...common, ...rebuilt }),
    });
  } finally {
    reader.close();
    offsets.close();
    await search.close();
  }
};
