import { expect, test } from "vitest";
import * as z from "zod";
import { silentLog } from "../observability/logger.ts";
import { kafkaConnection } from "./kafka-connection.ts";
import { kafkaSettings } from "./kafka-settings.ts";

const arn = "arn:aws:kafka:eu-west-1:123456789012:cluster/sluice/0a1b-2";
const connectionOf = (environment: Record<string, string>) =>
  kafkaConnection(z.object(kafkaSettings).parse(environment), { clientId: "c", log: silentLog });

test("brokers that are given are reached without TLS, unless it is asked for", () => {
  expect(connectionOf({ KAFKA_BROKERS: "a:1, b:2" })).toEqual({
    brokers: ["a:1", "b:2"],
    clientId: "c",
    log: silentLog,
  });
  expect(connectionOf({ KAFKA_BROKERS: "a:1", KAFKA_TLS: "true" })).toMatchObject({ brokers: ["a:1"], ssl: {} });
});

test("IAM has tokens, over TLS", () => {
  const connection = connectionOf({ MSK_CLUSTER_ARN: arn, KAFKA_AUTH: "iam" });
  expect(connection).toMatchObject({ brokers: { name: arn }, ssl: {}, sasl: { mechanism: "oauthbearer" } });
});

test("brokers that are given go before the cluster's", () => {
  expect(connectionOf({ MSK_CLUSTER_ARN: arn, KAFKA_BROKERS: "a:1" }).brokers).toEqual(["a:1"]);
});

test("the certificates of a file are those to trust; one that cannot be read is told by its variable", () => {
  const file = `${import.meta.dirname}/kafka-settings.ts`;
  expect(connectionOf({ KAFKA_BROKERS: "a:1", KAFKA_TLS: "true", KAFKA_CA_FILE: file }).ssl).toEqual({
    ca: expect.any(Buffer),
  });
  expect(() => connectionOf({ KAFKA_BROKERS: "a:1", KAFKA_TLS: "true", KAFKA_CA_FILE: "/nowhere" })).toThrow(
    expect.objectContaining({ code: "configuration-invalid", message: expect.stringContaining("KAFKA_CA_FILE") }),
  );
});

test("what is no cluster's ARN is refused", () => {
  expect(z.object(kafkaSettings).safeParse({ MSK_CLUSTER_ARN: "arn:aws:kafka:eu-west-1:1:topic/x" }).success).toBe(
    false,
  );
});
