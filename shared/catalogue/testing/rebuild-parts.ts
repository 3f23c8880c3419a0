import { controlOf } from "../../../scripts/host/control/control-client.ts";
import { hostMapping } from "../../../scripts/sluice/host-mapping.ts";
import { kafkaClusterReader } from "../../kafka/cluster-reader.ts";
import { projectionGroup } from "../../messaging/consumer-groups.ts";
import { silentLog } from "../../observability/logger.ts";
import type { RebuildParts } from "../../operations/rebuild/rebuild-parts.ts";
import { connect } from "../../postgres/connect.ts";
import { connectSearch } from "../../search/search-client.ts";
import { productProjection } from "../product-projection.ts";
import { productReadModel } from "../product-read-model.ts";

/** Where read models of a test's own are rebuilt; goes from process to process. */
export type RebuildAddresses = {
  readonly databaseUrl: string;
  readonly searchUrl: string;
  readonly alias: string;
  readonly brokers: string;
  readonly topic: string;
  readonly controlUrl: string;
  readonly controlToken: string;
};

export const projectingGroup = (topic: string) =>
  projectionGroup({
    groupId: `projection-${topic}`,
    topics: [topic],
    deadLetterTopic: `dlq.${topic}`,
    functionName: "product-reader",
    projection: productProjection.name,
  });

/** The real parts. */
export const openRebuildParts = (addresses: RebuildAddresses, more: Partial<RebuildParts> = {}) => {
  const { databaseUrl, searchUrl, alias, brokers, topic, controlUrl, controlToken } = addresses;
  const db = connect({ url: databaseUrl, max: 4 });
  const search = connectSearch({ url: searchUrl, timeoutMs: 30_000 });
  const reader = kafkaClusterReader({
    connection: { brokers: brokers.split(","), clientId: "rebuild", log: silentLog },
  });
  const log: string[] = [];
  const parts: RebuildParts = {
    ...{ db, search, reader, model: productReadModel(alias), group: projectingGroup(topic) },
    mapping: hostMapping(() => controlOf({ controlUrl, controlToken })),
    ...{ clock: Date.now, owner: `process ${process.pid}`, leaseMs: 400 },
    ...{ pageSize: 100, stallMs: 20_000, parityMs: 10_000, freshMs: 600_000 },
    log: (line) => void log.push(line),
    ...more,
  };
  const close = async () => {
    reader.close();
    await Promise.all([db.end(), search.close()]);
  };
  return { parts, log, close };
};
