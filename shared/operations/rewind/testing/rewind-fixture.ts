import { startControlServer } from "../../../../scripts/host/control/control-server.ts";
import { createMapping } from "../../../../scripts/host/poller/mapping.ts";
import type { InvocationResult } from "../../../../scripts/host/process/function-process.ts";
import { succeed } from "../../../../scripts/host/testing/poller-fixture.ts";
import { kafkaPublisher } from "../../../kafka/kafka-publisher.ts";
import { fromMskEvent } from "../../../kafka/msk-event.ts";
import type { InboundRecord, OutboundRecord } from "../../../messaging/record.ts";
import { silentLog } from "../../../observability/logger.ts";
import { createDatabase } from "../../../testing/database.ts";
import { eventually } from "../../../testing/eventually.ts";
import { createTopic } from "../../../testing/kafka-topic.ts";
import type { RewindParts } from "../rewind-parts.ts";
import type { RewindTarget } from "../rewind-request.ts";
import { startRun } from "../start-run.ts";
import { openParts } from "./rewind-parts.ts";
import { thingGroups } from "./thing-groups.ts";

export type FixtureOptions = {
  readonly partitions?: number;
  readonly databaseUrl?: string;
  /** What the function does with a batch; nothing unless said. */
  readonly read?: (records: readonly InboundRecord[]) => Promise<void>;
};

/** A topic, the mapping of its projection's group under a control server, and the parts with which to rewind it. */
export const openRewindFixture = async (options: FixtureOptions = {}) => {
  const [topic, database] = await Promise.all([
    createTopic({ partitions: options.partitions ?? 2 }),
    options.databaseUrl === undefined ? createDatabase() : undefined,
  ]);
  const groups = thingGroups(topic.name);
  const { groupId, functionName } = groups.readers;
  const brokers = topic.brokers.split(",");
  let delivered = 0;
  const invoke = async (payload: string): Promise<InvocationResult> => {
    const records = fromMskEvent(JSON.parse(payload));
    await options.read?.(records);
    delivered += records.length;
    return succeed();
  };
  const connection = { brokers, clientId: `sluice-mapping-${functionName}`, log: silentLog };
  const about = { functionName, topic: topic.name, groupId, batchSize: 100, windowMs: 0, log: silentLog };
  const mapping = createMapping({ ...about, connection, invoke, backoff: { firstMs: 5, maxMs: 50 } });
  const control = await startControlServer({
    ...{
      functions: () => [],
      metrics: () => ({}),
      mappings: [mapping],
      readPauses: async () => {},
      restart: async () => {},
    },
  });
  const addresses = {
    databaseUrl: options.databaseUrl ?? (database?.url as string),
    ...{ brokers: topic.brokers, topic: topic.name, controlUrl: control.url, controlToken: control.token },
  };
  const { parts, log, close: closeParts } = openParts(addresses);
  const publisher = kafkaPublisher({ connection: { ...connection, clientId: "producer" } });
  const committed = async () =>
    Object.fromEntries((await parts.reader.committed(groupId)).map(({ partition, offset }) => [partition, offset]));
  const ends = async () => {
    const all = Array.from({ length: options.partitions ?? 2 }, (_, partition) => ({ topic: topic.name, partition }));
    return Object.fromEntries((await parts.reader.ranges(all)).map(({ partition, end }) => [partition, end]));
  };
  const close = async () => {
    await mapping.stop();
    await control.stop();
    await Promise.all([closeParts(), publisher.close()]);
    await Promise.all([topic.drop(), database?.drop()]);
  };
  return {
    ...{ topic: topic.name, ...groups, groupId, mapping, parts, log, addresses, committed, ends, close },
    delivered: () => delivered,
    publish: (records: readonly Omit<OutboundRecord, "topic">[]) =>
      publisher.publish(records.map((record) => ({ ...record, topic: topic.name }))),
    /** Resolves when the group has read all; for a partition that holds nothing it commits nothing. */
    caughtUp: async () => {
      const wanted = Object.entries(await ends());
      await eventually(
        async () => committed(),
        (now) => wanted.every(([partition, end]) => (now[Number(partition)] ?? 0n) === end),
      );
    },
    rewind: (target: RewindTarget, more: Partial<RewindParts> = {}, signal = new AbortController().signal) =>
      startRun(
        { ...parts, ...more },
        { request: { groupId, topics: [], target }, actor: "ann", operation: "replay" },
        signal,
      ),
    [Symbol.asyncDispose]: close,
  };
};

export type RewindFixture = Awaited<ReturnType<typeof openRewindFixture>>;
