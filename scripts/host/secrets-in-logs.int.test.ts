import { execFile } from "node:child_process";
import { expect, inject, test } from "vitest";

const secret = "s3cret-that-nobody-may-read";
const nobody = "127.0.0.1:1";

/** Runs a function by hand as `npm run invoke` does; answers all that it, and what it started, has printed. */
const outputOf = (name: string, environment: Record<string, string>): Promise<string> => {
  const { kafkaBrokers, openSearchUrl } = inject("stack");
  const stack = { KAFKA_BROKERS: kafkaBrokers, OPENSEARCH_URL: openSearchUrl, POWERTOOLS_LOG_LEVEL: "DEBUG" };
  const env = { PATH: process.env["PATH"], ...stack, ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, ["scripts/invoke.ts", name, "--json"], { env }, (_fault, out, err) =>
      resolve(out + err),
    );
  });
};

test.each([
  ["a database that is away", "reservation-sweeper", `postgres://app:${secret}@${nobody}/none`, "ECONNREFUSED"],
  ["a password that is refused, or a database that is none", "api", "", "postgres"],
  ["an address that is none", "reservation-sweeper", `postgres//app:${secret}@h`, "DATABASE_URL"],
])("%s is told, and its password is not", async (_, name, given, told) => {
  const url = new URL(inject("stack").databaseUrl);
  url.password = secret;
  url.pathname = "/no-such-database";
  const output = await outputOf(name, { DATABASE_URL: given || url.href });
  expect(output).toContain(told);
  expect(output).not.toContain(secret);
});
