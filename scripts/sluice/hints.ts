import type { SluiceError } from "../../shared/messaging/sluice-error.ts";

/** What to do about faults whose thrower does not know that it was asked from a command line. */
const hints: Readonly<Record<string, string>> = {
  "broker-unavailable": "is Kafka up? `npm run stack -- status` tells; KAFKA_BROKERS names another",
  "postgres-unavailable": "is PostgreSQL up? `npm run stack -- status` tells; DATABASE_URL names another",
  "search-unavailable": "is OpenSearch up? `npm run stack -- status` tells; OPENSEARCH_URL names another",
};

export const hintOf = (fault: SluiceError): string | undefined => fault.hint ?? hints[fault.code];
