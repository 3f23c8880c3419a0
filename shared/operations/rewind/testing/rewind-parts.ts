import { controlOf } from "../../../../scripts/host/control/control-client.ts";
import { hostMapping } from "../../../../scripts/sluice/host-mapping.ts";
import { kafkaClusterReader } from "../../../kafka/cluster-reader.ts";
import { kafkaGroupOffsets } from "../../../kafka/group-offsets.ts";
import { silentLog } from "../../../observability/logger.ts";
import { connect } from "../../../postgres/connect.ts";
import type { RewindParts } from "../rewind-parts.ts";
import { thingGroups } from "./thing-groups.ts";

/** Where a rewind of things is done; goes from process to process. */
export type RewindAddresses = {
  readonly databaseUrl: string;
  readonly brokers: string;
  readonly topic: string;
  readonly controlUrl: string;
  readonly controlToken: string;
};

/** The real parts. */
export const openParts = (addresses: RewindAddresses, more: Partial<RewindParts> = {}) => {
  const { databaseUrl, brokers, topic, controlUrl, controlToken } = addresses;
  const kafka = { connection: { brokers: brokers.split(","), clientId: "rewind", log: silentLog } };
  const [reader, offsets] = [kafkaClusterReader(kafka), kafkaGroupOffsets(kafka)];
  const db = connect({ url: databaseUrl, max: 3 });
  const log: string[] = [];
  const parts: RewindParts = {
    ...{ db, reader, offsets, registry: thingGroups(topic).registry },
    mapping: hostMapping(() => controlOf({ controlUrl, controlToken })),
    ...{ clock: Date.now, owner: `process ${process.pid}`, leaseMs: 1_000, disableMs: 30_000, emptyMs: 30_000 },
    log: (line) => void log.push(line),
    ...more,
  };
  const close = async () => {
    reader.close();
    offsets.close();
    await db.end();
  };
  return { parts, log, close };
};
