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

test("the API has no way to write to Kafka: nothing of it is in the function but the question of the health check", () => {
  const files = Object.keys(metafile.inputs);

  expect(files.filter((file) => file.includes("node_modules/kafkajs"))).toEqual([]);
  expect(files.filter((file) => file.includes("node_modules/aws-msk-iam-sasl-signer-js"))).toEqual([]);
  expect(files.filter((file) => file.startsWith("shared/kafka/")).sort()).toEqual([
    "shared/kafka/ask-broker.ts",
    "shared/kafka/bootstrap-brokers.ts",
    "shared/kafka/kafka-settings.ts",
    "shared/kafka/msk-brokers.ts",
  ]);
});

test("a cold start does not wait for the OpenSearch client: it comes with the first search", () => {
  expect(Object.keys(metafile.inputs).some((file) => file.includes("@opensearch-project"))).toBe(true);
  expect(loadedAtStart().filter((file) => file.includes("@opensearch-project"))).toEqual([]);
  expect(loadedAtStart()).toContain("shared/catalogue/api/create-api.ts");
});
