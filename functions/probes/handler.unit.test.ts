import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type Bundle, bundleOf } from "../../shared/testing/bundle-of.ts";

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundleOf(join(import.meta.dirname, "handler.ts"));
});

test("the probes have no way to write to Kafka: of our own code they carry what looks at a cluster, and nothing that sends or sets", () => {
  const files = bundle.files.filter((file) => /^shared\/(kafka|operations)\//.test(file));

  expect(files).toContain("shared/kafka/cluster-reader.ts");
  expect(
    files.filter((file) => /publish|produce|send|commit|group-offsets|create-kafka|apply|replay-dead/.test(file)),
  ).toEqual([]);
  expect(bundle.files.filter((file) => /kafkajs\/src\/(producer|admin)\//.test(file))).toEqual([]);
});

test("a cold start loads nothing of Kafka but the question of the health check and how to reach it: the rest comes with the first look at /metrics", () => {
  const files = bundle.loadedAtStart;

  expect(files.filter((file) => /node_modules\/(kafkajs|prom-client|aws-msk-iam-sasl-signer-js)\//.test(file))).toEqual(
    [],
  );
  expect(files.filter((file) => file.includes("@opensearch-project"))).toEqual([]);
  expect(files.filter((file) => file.startsWith("shared/operations/metrics/"))).toEqual([]);
  expect(files.filter((file) => file.startsWith("shared/kafka/")).sort()).toEqual([
    "shared/kafka/ask-broker.ts",
    "shared/kafka/bearer-sasl.ts",
    "shared/kafka/bootstrap-brokers.ts",
    "shared/kafka/iam-token.ts",
    "shared/kafka/kafka-connection.ts",
    "shared/kafka/kafka-settings.ts",
    "shared/kafka/msk-brokers.ts",
  ]);
});
