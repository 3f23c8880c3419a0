import { inject } from "vitest";
import { controlOf } from "../../../scripts/host/control/control-client.ts";
import { type FunctionSpec, selectFunctions } from "../../../scripts/host/functions.ts";
import { startHost } from "../../../scripts/host/run-host.ts";
import { hostMapping } from "../../../scripts/sluice/host-mapping.ts";
import { commandGroup, createGroupRegistry, projectionGroup } from "../../messaging/consumer-groups.ts";
import { openParts } from "../../operations/rewind/testing/rewind-parts.ts";
import { outboxStatus } from "../../outbox/outbox-status.ts";
import { connect } from "../../postgres/connect.ts";
import { createTopic, type TestTopic } from "../../testing/kafka-topic.ts";
import { productProjection } from "../product-projection.ts";
import { topics } from "../topics.ts";
import { createReadModels, type TestReadModels } from "./read-models.ts";
import { openApi, partitions, startRelay } from "./whole-catalogue.ts";

/** The function as `npm start` hosts it, on a topic and in a group of the test's own. */
const hosted = (name: string, topic: string): FunctionSpec => {
  const spec = selectFunctions([name])[0] as FunctionSpec;
  if (spec.trigger.kind !== "kafka") throw new TypeError(`${name} consumes nothing`);
  return { ...spec, trigger: { ...spec.trigger, topic, groupId: `${name}-${topic}` } };
};

const groupsOf = (events: string, commands: string) => {
  const projections = projectionGroup({
    ...{ groupId: `product-event-consumer-${events}`, topics: [events], functionName: "product-event-consumer" },
    ...{ deadLetterTopic: topics.productEventsDeadLetters.name, projection: productProjection.name },
  });
  const doers = commandGroup({
    ...{ groupId: `product-command-consumer-${commands}`, topics: [commands] },
    ...{ deadLetterTopic: topics.productCommandsDeadLetters.name, functionName: "product-command-consumer" },
  });
  return { projections, doers, registry: createGroupRegistry([projections, doers]) };
};

export type HostedOn = {
  readonly models: TestReadModels;
  readonly commands: Pick<TestTopic, "name">;
  readonly events: Pick<TestTopic, "name">;
};

/** API, relay and both consumers behind a host's mappings, and the parts with which to rewind them. Started anew it goes on where it was. */
export const startHostedCatalogue = async ({ models, commands, events }: HostedOn) => {
  const { kafkaBrokers: brokers, openSearchUrl } = inject("stack");
  const db = connect({ url: models.databaseUrl, max: 12 });
  const { projections, doers, registry } = groupsOf(events.name, commands.name);
  const addresses = { databaseUrl: models.databaseUrl, kafkaBrokers: brokers, openSearchUrl };
  const specs = [hosted(projections.functionName, events.name), hosted(doers.functionName, commands.name)];
  const host = await startHost({ addresses, port: 0, functions: specs, log: () => {} });
  const relay = startRelay(db, brokers, {
    [topics.productCommands.name]: commands.name,
    [topics.productEvents.name]: events.name,
  });
  const { parts, close } = openParts(
    { ...addresses, brokers, topic: events.name, controlUrl: host.controlUrl, controlToken: host.controlToken },
    { registry, mapping: hostMapping(() => controlOf(host)), leaseMs: 30_000 },
  );
  const lagOf = async (groupId: string, topic: string): Promise<bigint> => {
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
    const committed = new Map((await parts.reader.committed(groupId)).map((each) => [each.partition, each.offset]));
    const ranges = await parts.reader.ranges(all);
    return ranges.reduce((lag, { partition, end }) => lag + ((end ?? 0n) - (committed.get(partition) ?? 0n)), 0n);
  };
  return {
    ...{ db, brokers, parts, projections, doers, control: controlOf(host) },
    ...{ controlUrl: host.controlUrl, controlToken: host.controlToken },
    ask: openApi(db, models),
    /** All that was written is sent and read. */
    isQuiet: async (): Promise<boolean> =>
      (await outboxStatus(db)).pending === 0 &&
      (await lagOf(doers.groupId, commands.name)) === 0n &&
      (await outboxStatus(db)).pending === 0 && // what the commands have written in their turn
      (await lagOf(projections.groupId, events.name)) === 0n,
    stop: async (): Promise<void> => {
      await host.stop();
      await relay.close().finally(() => db.end());
      await close();
    },
  };
};

/** The same on a database, topics and an index of a test's own. */
export const startRewindableCatalogue = async () => {
  const [models, commands, events] = await Promise.all([
    createReadModels(),
    createTopic({ partitions }),
    createTopic({ partitions }),
  ]);
  const catalogue = await startHostedCatalogue({ models, commands, events });
  return {
    ...{ ...catalogue, models, eventTopic: events.name },
    [Symbol.asyncDispose]: async () => {
      await catalogue.stop();
      await Promise.all([commands.drop(), events.drop(), models[Symbol.asyncDispose]()]);
    },
  };
};

export type RewindableCatalogue = Awaited<ReturnType<typeof startRewindableCatalogue>>;
