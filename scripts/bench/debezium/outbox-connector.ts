import type { ConnectSettings } from "./connect-worker.ts";

/** Header of the event id as the event router names it. */
export const eventIdHeader = "id";

/**
 * Debezium's PostgreSQL connector with its outbox event router on the very table that the relay drains: the same rows, the same
 * topic, and headers for what the relay sends as such (7, the relay has 11).
 * https://debezium.io/documentation/reference/stable/transformations/outbox-event-router.html
 */
export const outboxConnector = (databaseUrl: string, name: string): ConnectSettings & { readonly name: string } => {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl);
  return {
    name,
    "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
    "tasks.max": "1",
    "database.hostname": hostname,
    "database.port": port,
    "database.user": username,
    "database.password": password,
    "database.dbname": pathname.slice(1),
    "topic.prefix": name,
    "plugin.name": "pgoutput",
    "slot.name": name,
    "publication.name": name,
    "publication.autocreate.mode": "disabled", // made by the bench: by the partitioned table's root
    "table.include.list": "public.outbox",
    "snapshot.mode": "no_data",
    "tombstones.on.delete": "false",
    // The fastest that were found here; see docs/BENCHMARKS.md.
    "max.batch.size": "8192",
    "max.queue.size": "32768",
    "poll.interval.ms": "5",
    transforms: "outbox",
    "transforms.outbox.type": "io.debezium.transforms.outbox.EventRouter",
    "transforms.outbox.table.field.event.id": "event_id",
    "transforms.outbox.table.field.event.key": "partition_key",
    "transforms.outbox.table.field.event.payload": "payload",
    "transforms.outbox.route.by.field": "topic",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the router's own placeholder
    "transforms.outbox.route.topic.replacement": "${routedByValue}",
    "transforms.outbox.table.fields.additional.placement": [
      "type:header:ce_type",
      "dataschema:header:ce_dataschema",
      "aggregate_version:header:ce_sequence",
      "created_at:header:ce_time",
      "traceparent:header",
      "correlation_id:header:ce_correlationid",
    ].join(","),
    "transforms.outbox.table.op.invalid.behavior": "warn",
  };
};

/** For throughput: larger batches for the broker. Idempotence is off and one request in flight would be slower; both keep Connect's defaults. */
export const workerSettings: ConnectSettings = {
  "offset.flush.interval.ms": "1000",
  "producer.batch.size": "262144",
  "producer.linger.ms": "1",
  "producer.buffer.memory": "67108864",
};
