import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleContents } from "./bundle-contents.ts";
import { functionNames, stateMachineFiles } from "./function-folders.ts";
import { type FunctionPackage, packageFunctions } from "./package-functions.ts";
import { sizeBudgetsKb } from "./size-budgets.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-packages-"));
const packages = new Map<string, FunctionPackage>();

beforeAll(async () => {
  for (const each of await packageFunctions(folder)) packages.set(each.name, each);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const packageOf = (name: string): FunctionPackage => packages.get(name) as FunctionPackage;
const contentsOf = (name: string) => bundleContents(packageOf(name).metafile);

test("every function has a budget, and every budget a function", () => {
  expect(Object.keys(sizeBudgetsKb).sort()).toEqual(functionNames());
});

test("dist holds a zip a function and the state machines as they are", () => {
  const zips = readdirSync(folder).filter((file) => file.endsWith(".zip"));
  expect(zips).toEqual(functionNames().map((name) => `${name}.zip`));
  const machines = readdirSync(folder).filter((file) => file.endsWith(".asl.json"));
  expect(machines.map((file) => readFileSync(join(folder, file), "utf8"))).toEqual(
    stateMachineFiles().map((file) => readFileSync(file, "utf8")),
  );
});

test("the same sources make the same zip, whatever the clock and the folder", () => {
  const script = `
    const { packageFunction } = await import(${JSON.stringify(join(import.meta.dirname, "package-functions.ts"))});
    process.stdout.write((await packageFunction("reservation-sweeper")).zip);`;
  const options = { cwd: tmpdir(), env: { ...process.env, TZ: "Asia/Tokyo" }, maxBuffer: 1e8 };
  const again = execFileSync(process.execPath, ["--input-type=module", "--eval", script], options);
  expect(again.equals(packageOf("reservation-sweeper").zip)).toBe(true);
});

describe.each(functionNames())("%s", (name) => {
  test("keeps to its budget", () => {
    expect(packageOf(name).zip.length).toBeLessThanOrEqual((sizeBudgetsKb[name] ?? 0) * 1000);
  });

  test("is one ESM file, what is copied beside it, and nothing that is built for one processor", () => {
    const { files, zip, metafile } = packageOf(name);
    const unzipped = unzipSync(zip);
    expect(Object.keys(unzipped).sort()).toEqual(Object.keys(files).sort());
    for (const [file, content] of Object.entries(files))
      expect(Buffer.from(content).equals(unzipped[file] ?? new Uint8Array())).toBe(true);
    expect(Object.keys(files).filter((file) => file.endsWith(".mjs"))).toEqual(["bundle.mjs"]);
    expect(metafile.outputs["bundle.mjs"]?.exports).toEqual(["handler"]);
    expect(Object.keys(metafile.inputs).filter((file) => /\.(node|wasm)$/.test(file))).toEqual([]);
  });

  test("carries no test, no bench, no local stack and no development dependency", () => {
    const { ownFiles, developmentPackages } = contentsOf(name);
    const foreign = /\/testing\/|\.test\.ts$|^scripts\/(stack|bench|host|package)\//;
    expect(ownFiles.filter((file) => foreign.test(file))).toEqual([]);
    expect(developmentPackages).toEqual([]);
  });

  test("carries no handler but its own, and of the tool nothing unless it runs the tool", () => {
    const { ownFiles } = contentsOf(name);
    const allowed =
      name === "operations" ? /^(shared|functions\/operations|scripts\/sluice)\// : `^(shared|functions/${name})/`;
    expect(ownFiles.filter((file) => !new RegExp(allowed).test(file))).toEqual([]);
  });

  test("carries one language of zod's, not all sixty", () => {
    expect(contentsOf(name).languages).toEqual(["en"]);
  });
});

const openSearch = "@opensearch-project/opensearch";
const signer = "aws-msk-iam-sasl-signer-js";

test.each([
  ["api", [openSearch, "pg", "@middy/http-router"], ["@opentelemetry/api", "kafkajs", signer, "@aws-sdk/client-kafka"]],
  ["probes", [openSearch, "pg", "@middy/http-router", "kafkajs", signer], ["@opentelemetry/api"]],
  ["outbox-publisher", ["kafkajs", "pg", signer], [openSearch, "@middy/core"]],
  ["product-event-consumer", ["kafkajs", "pg", openSearch], ["@middy/core"]],
  ["product-command-consumer", ["kafkajs", "pg"], [openSearch, "@middy/core"]],
  ["projection-verifier", ["pg", openSearch], ["kafkajs", "@middy/core", "@aws-sdk/client-kafka"]],
  ["reservation-sweeper", ["pg"], ["kafkajs", openSearch, "@middy/core", "@aws-sdk/client-kafka"]],
  [
    "dead-letter-monitor",
    ["pg", "kafkajs", signer],
    [openSearch, "@middy/core", "commander", "@aws-sdk/client-lambda"],
  ],
  ["provision", ["pg", "kafkajs", openSearch, "node-pg-migrate"], ["@middy/core", "commander"]],
  ["operations", ["pg", "kafkajs", "commander", "@aws-sdk/client-lambda"], ["@middy/core", "node-pg-migrate"]],
  ["replay", ["pg", "kafkajs", "@aws-sdk/client-lambda"], ["@middy/core", "commander", "node-pg-migrate"]],
  ["dlq-republish", ["pg", "kafkajs"], [openSearch, "@middy/core", "commander", "@aws-sdk/client-lambda"]],
])("%s carries what it needs and nothing that it does not", (name, needed, foreign) => {
  const { packages: found } = contentsOf(name);
  expect(found).toEqual(expect.arrayContaining(needed));
  expect(found.filter((each) => foreign.includes(each))).toEqual([]);
});

test("whose work it is not, carries no code for it", () => {
  const holds = (name: string, path: RegExp) => contentsOf(name).ownFiles.filter((file) => path.test(file));
  expect(holds("outbox-publisher", /^shared\/(search|catalogue|domain|projection|inbox|http)\//)).toEqual([]);
  expect(holds("api", /^shared\/(inbox|projection\/project|kafka)/)).toEqual([]);
  expect(holds("probes", /^shared\/(inbox|projection\/project|kafka\/(kafka-publisher|produce))/)).toEqual([]);
  expect(
    Object.keys(packageOf("probes").metafile.inputs).filter((file) => file.includes("/kafkajs/src/producer/")),
  ).toEqual([]);
  expect(holds("product-command-consumer", /^shared\/(search|projection|http)\//)).toEqual([]);
  expect(holds("product-event-consumer", /^shared\/(inbox|outbox|http)\//)).toEqual([]);
});
