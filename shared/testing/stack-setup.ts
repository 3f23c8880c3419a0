import type { TestProject } from "vitest/node";
import { type StackAddresses, upStack } from "../../scripts/stack/index.ts";
import { dropOldDatabases } from "./database.ts";
import { deleteOldTopics } from "./kafka-topic.ts";
import { deleteOldIndexes } from "./search-index.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the parts of the tests' stack answer. */
    stack: StackAddresses;
  }
}

/**
 * Brings up the stack that integration and e2e tests use, named by SLUICE_STACK or `test`, unless it runs already;
 * what this run started ends with it.
 */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const name = process.env["SLUICE_STACK"] || "test";
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const stack = await upStack({ name, attached: true, durable: false, log });
  project.provide("stack", stack.addresses);
  await dropOldDatabases(stack.addresses.databaseUrl);
  await deleteOldTopics(stack.addresses.kafkaBrokers);
  await deleteOldIndexes(stack.addresses.openSearchUrl);
  return () => stack.stop();
};
