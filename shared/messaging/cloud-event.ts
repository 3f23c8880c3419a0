import type { HeaderValue, InboundRecord } from "./record.ts";
import { SluiceError } from "./sluice-error.ts";

/** Which request a message belongs to, and what caused it. Passed from HTTP through the outbox to the last consumer's log line. */
export type Trace = {
  /** W3C trace context, https://www.w3.org/TR/trace-context/#traceparent-header */
  readonly traceparent?: string | undefined;
  /** The same for everything that one request set off. */
  readonly correlationId?: string | undefined;
  /** The event id of the message that caused this one. */
  readonly causationId?: string | undefined;
};

/** A CloudEvents 1.0 envelope; the data travels beside it as the record's value. */
export type CloudEvent = Trace & {
  /** UUIDv7, made once, in the transaction that wrote the row: invariant 3. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** The aggregate id. */
  readonly subject: string;
  /** When it happened, RFC 3339. The record's own timestamp is when the broker took it. */
  readonly time: string;
  readonly dataschema?: string | undefined;
  /** The aggregate's version; events that tell its state only. */
  readonly sequence?: string | undefined;
};

/**
 * Binary content mode of the Kafka protocol binding: attributes as `ce_*` headers, the value is the data alone.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
 */
export const toHeaders = (event: CloudEvent): readonly (readonly [string, HeaderValue])[] => {
  const headers: [string, HeaderValue][] = [
    ["ce_specversion", "1.0"],
    ["ce_id", event.id],
    ["ce_source", event.source],
    ["ce_type", event.type],
    ["ce_subject", event.subject],
    ["ce_time", event.time],
    ["content-type", "application/json"],
  ];
  if (event.dataschema !== undefined) headers.push(["ce_dataschema", event.dataschema]);
  if (event.sequence !== undefined) headers.push(["ce_sequence", event.sequence]);
  if (event.correlationId !== undefined) headers.push(["ce_correlationid", event.correlationId]);
  if (event.causationId !== undefined) headers.push(["ce_causationid", event.causationId]);
  if (event.traceparent !== undefined) headers.push(["traceparent", event.traceparent]);
  return headers;
};

const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads the envelope of a record in binary mode.
 * @throws SluiceError `not-a-cloud-event` when a required attribute is missing, empty or not UTF-8.
 */
export const fromHeaders = (headers: InboundRecord["headers"]): CloudEvent => {
  const found = new Map<string, string>();
  for (const [name, value] of headers) {
    if (!name.startsWith("ce_") && name !== "traceparent") continue;
    try {
      found.set(name, text.decode(value));
    } catch (cause) {
      throw new SluiceError("not-a-cloud-event", `header ${name} is not UTF-8`, { cause });
    }
  }
  const required = (name: string): string => {
    const value = found.get(name);
    if (value) return value;
    throw new SluiceError("not-a-cloud-event", `header ${name} is missing or empty`);
  };
  if (required("ce_specversion") !== "1.0")
    throw new SluiceError("not-a-cloud-event", `ce_specversion is ${found.get("ce_specversion")}, not 1.0`);
  return {
    id: required("ce_id"),
    source: required("ce_source"),
    type: required("ce_type"),
    subject: required("ce_subject"),
    time: required("ce_time"),
    dataschema: found.get("ce_dataschema"),
    sequence: found.get("ce_sequence"),
    correlationId: found.get("ce_correlationid"),
    causationId: found.get("ce_causationid"),
    traceparent: found.get("traceparent"),
  };
};
