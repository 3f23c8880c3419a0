import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, inject, test } from "vitest";
import { silentLog } from "../observability/logger.ts";
import { createTopic } from "../testing/kafka-topic.ts";
import { brokerConnections } from "./broker-connections.ts";

/** Client sockets that this process opens while the work is done. */
const socketsOf = async (work: () => Promise<unknown>): Promise<number> => {
  let opened = 0;
  const count = () => {
    opened++;
  };
  subscribe("net.client.socket", count);
  await work().finally(() => unsubscribe("net.client.socket", count));
  return opened;
};

test("requests that come while a connection is being made share it", async () => {
  // given
  const topic = await createTopic({ partitions: 1 });
  const brokers = inject("stack").kafkaBrokers.split(",");
  const connections = brokerConnections({ brokers, clientId: "test", log: silentLog }, 5_000);
  const broker = await connections.openAny();
  const partitions = [{ partition: 0, fetchOffset: "0", maxBytes: 1_000 }];
  const request = { topics: [{ topic: topic.name, partitions }], maxWaitTime: 1, minBytes: 1 };

  // when
  const opened = await socketsOf(() => Promise.all(Array.from({ length: 20 }, () => broker.fetch(request))));

  // then
  expect(opened).toBe(1); // kafkajs keeps one of its own for fetches
  connections.close();
  await topic.drop();
});
