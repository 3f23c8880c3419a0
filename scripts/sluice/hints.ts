import type { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { sqlState } from "../../shared/postgres/fault.ts";

/** What to do about faults whose thrower does not know that it was asked from a command line. */
const hints: Readonly<Record<string, string>> = {
  "broker-unavailable": "is Kafka up? `npm run stack -- status` tells; KAFKA_BROKERS names another",
  "postgres-unavailable": "is PostgreSQL up? `npm run stack -- status` tells; DATABASE_URL names another",
  "unknown-topic": "`sluice topics list` lists those that there are",
  "search-unavailable": "is OpenSearch up? `npm run stack -- status` tells; OPENSEARCH_URL names another",
};

/** What PostgreSQL itself refused before it looked at any row: the address leads somewhere else than it should. */
const otherDatabase: Readonly<Record<string, string>> = {
  "42P01":
    "the database is not migrated, or is another one: `npm run stack -- up` migrates the local one; DATABASE_URL names another",
  "3D000": "DATABASE_URL names the database",
  "28P01": "DATABASE_URL has user and password",
  "42501": "the user in DATABASE_URL may not do that: the tool wants the owner of the database, or a stage's `--stage`",
};

/** @param name the command's words, where one was found */
export const hintOf = (fault: SluiceError, name?: string): string | undefined => {
  const ofPostgres = otherDatabase[sqlState(fault) ?? ""];
  const ofUsage =
    fault.code === "usage" && name !== undefined ? `\`sluice ${name} --help\` tells the options` : undefined;
  return fault.hint ?? hints[fault.code] ?? ofPostgres ?? ofUsage;
};
