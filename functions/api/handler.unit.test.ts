import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { beforeAll, expect, test } from "vitest";

let metafile: Metafile;
beforeAll(async () => {
  ({ metafile } = await build({
    entryPoints: [join(import.meta.dirname, "handler.ts")],
    ...{ bundle: true, splitting: true, metafile: true, write: false, outdir: "out", logLevel: "silent" },
    ...{ platform: "node", format: "esm", external: ["pg-native", "@aws-sdk/*"] },
  }));
});

/** The files of the bundles that are loaded when the function starts; what is imported later is in bundles of its own. */
const loadedAtStart = (): string[] => {
  const loaded = new Set<string>();
  const load = (output: string): void => {
    if (loaded.has(output)) return;
    loaded.add(output);
    for (const { path, kind } of metafile.outputs[output]?.imports ?? []) if (kind === "import-statement") load(path);
  };
  load(Object.keys(metafile.outputs).find((name) => name.endsWith("handler.js")) as string);
  return [...loaded].flatMap((output) => Object.keys(metafile.outputs[output]?.inputs ?? {}));
};

test("the API has no way to write to Kafka: of our own code it carries what looks at a cluster, and nothing that sends or sets", () => {
  const files = Object.keys(metafile.inputs).filter((file) => /^shared\/(kafka|operations)\//.test(file));

  expect(files).toContain("shared/kafka/cluster-reader.ts");
  expect(
    files.filter((file) => /publish|produce|send|commit|group-offsets|create-kafka|apply|replay-dead/.test(file)),
  ).toEqual([]);
  expect(Object.keys(metafile.inputs).filter((file) => /kafkajs\/src\/(producer|admin)\//.test(file))).toEqual([]);
});

test("a cold start loads nothing of Kafka but the question of the health check and how to reach it: the rest comes with the first look at /metrics", () => {
  const files = loadedAtStart();

  expect(files.filter((file) => /node_modules\/(kafkajs|prom-client|aws-msk-iam-sasl-signer-js)\//.test(file))).toEqual(
    [],
  );
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

test("a cold start does not wait for the OpenSearch client: it comes with the first search", () => {
  expect(Object.keys(metafile.inputs).some((file) => file.includes("@opensearch-project"))).toBe(true);
  expect(loadedAtStart().filter((file) => file.includes("@opensearch-project"))).toEqual([]);
  expect(loadedAtStart()).toContain("shared/catalogue/api/create-api.ts");
});
