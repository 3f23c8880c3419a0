import { execFileSync } from "node:child_process";
import { createCipheriv, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { kafkaSettings, requireKafka } from "../kafka/kafka-settings.ts";
import { databaseSettings } from "../postgres/database-settings.ts";
import { requireSearch, searchSettings } from "../search/search-settings.ts";
import { readConfig } from "./read-config.ts";

const schema = requireKafka(
  requireSearch(z.object({ ...databaseSettings, ...searchSettings, ...kafkaSettings, ROWS: z.coerce.number().max(9) })),
);
const good = {
  DATABASE_URL: "postgres://u:p@h:5432/d",
  OPENSEARCH_URL: "https://h",
  KAFKA_BROKERS: "b:9092",
  ROWS: "1",
};

const faultOf = (environment: Record<string, string>): string => {
  try {
    readConfig(schema, environment);
  } catch (fault) {
    return (fault as Error).message;
  }
  return "none";
};

test("a refused start names every variable that is missing or wrong, those that go together too", () => {
  expect(faultOf({ ROWS: "10", KAFKA_AUTH: "iam" }).split("; ")).toEqual([
    "configuration: DATABASE_URL is not set",
    "OPENSEARCH_URL is not set",
    "ROWS: Too big: expected number to be <=9",
    "KAFKA_BROKERS is not set, and neither is MSK_CLUSTER_ARN: one of them is needed",
    "AWS_REGION is not set: with KAFKA_AUTH=iam and KAFKA_BROKERS it says for which region to sign",
  ]);
  expect(faultOf(good)).toBe("none");
  expect(faultOf({ ...good, AWS_REGION: "r", KAFKA_AUTH: "iam", KAFKA_TLS: "false" })).toBe(
    "configuration: KAFKA_TLS: must be true with KAFKA_AUTH=iam: a token does not go over an open line",
  );
});

test("an empty variable is one that is not set", () => {
  expect(faultOf({ ...good, KAFKA_BROKERS: "" })).toBe(
    "configuration: KAFKA_BROKERS is not set, and neither is MSK_CLUSTER_ARN: one of them is needed",
  );
});

test.each(Object.keys(schema.shape))("what is wrong with %s is told without its value", (name) => {
  const secret = "s3cret-that-nobody-may-read";
  for (const value of [secret, `postgres//u:${secret}@h`, `http://[${secret}`, `{${secret}}`])
    expect(faultOf({ ...good, [name]: value })).not.toContain(secret);
});

/** As SST packs them: an encrypted file beside the code, its key in the environment. */
const seal = (links: object): { SST_KEY: string; SST_KEY_FILE: string } => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-links-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const key = randomBytes(32);
  const cipher = createCipheriv("aes-256-gcm", key, Buffer.alloc(12, 0));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(links)), cipher.final(), cipher.getAuthTag()]);
  writeFileSync(join(folder, "resource.enc"), sealed);
  return { SST_KEY: key.toString("base64"), SST_KEY_FILE: join(folder, "resource.enc") };
};

/** In a process of its own, since SST reads the links of a process once. Answers what `expression` says of the configuration. */
const inFunction = (environment: Record<string, string>, expression: string): unknown => {
  const from = (path: string) => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));
  const program = `
    import { readConfig } from ${from("./read-config.ts")};
    import { z } from ${JSON.stringify(import.meta.resolve("zod"))};
    import { databaseSettings } from ${from("../postgres/database-settings.ts")};
    const config = readConfig(z.object(databaseSettings), process.env);
    console.log(JSON.stringify(${expression}));`;
  const args = ["--input-type=module", "--eval", program];
  return JSON.parse(execFileSync(process.execPath, args, { env: environment, encoding: "utf8" }));
};

test("a secret comes by its link, and is in no plain environment", () => {
  const url = "postgres://app:s3cret@proxy:5432/sluice?sslmode=verify-full";
  const environment = seal({ App: { name: "sluice", stage: "dev" }, DatabaseUrl: { type: "Linkable", value: url } });
  const found = inFunction(environment, "[config.DATABASE_URL, JSON.stringify(process.env)]") as [string, string];
  expect(found[0]).toBe(url);
  expect(found[1]).not.toContain("s3cret");
});

test("what the environment gives goes before a link", () => {
  const environment = {
    ...seal({ DatabaseUrl: { value: "postgres://linked/d" } }),
    DATABASE_URL: "postgres://given/d",
  };
  expect(inFunction(environment, "config.DATABASE_URL")).toBe("postgres://given/d");
});

test("a link that is not there leaves its variable not set", () => {
  const environment = seal({ App: { name: "sluice", stage: "dev" } });
  expect(() => inFunction(environment, "config")).toThrow("DATABASE_URL is not set");
});
