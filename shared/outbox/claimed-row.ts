import { type CloudEvent, toHeaders } from "../messaging/cloud-event.ts";
import type { HeaderValue, OutboundRecord } from "../messaging/record.ts";
import { timeOfUuidV7 } from "../messaging/uuid-v7.ts";

/** A row as `outbox_claim` answers it, in the order of its columns. */
export type ClaimedRow = readonly [
  id: number,
  eventId: string,
  topic: string,
  partitionKey: string,
  type: string,
  dataschema: string,
  /** Null: the same as the partition key. */
  otherAggregateId: string | null,
  aggregateVersion: string | null,
  traceparent: string | null,
  correlationId: string | null,
  causationId: string | null,
  payload: string,
];

type Header = readonly [name: string, value: HeaderValue];

/** For attributes of few values, types and schemas: each header is made once. */
const sharedHeader = (name: string): ((value: string) => Header) => {
  const made = new Map<string, Header>();
  return (value) => {
    const known = made.get(value);
    if (known) return known;
    const header = [name, value] as const;
    made.set(value, header);
    return header;
  };
};

/**
 * Makes the record of a row: CloudEvents in binary mode, the same headers as `toHeaders` makes, but those that many rows
 * share are made once. It runs for every row that is sent.
 * @param source `ce_source`, the same for all rows of an outbox
 */
export const recordMaker = (source: string): ((row: ClaimedRow) => OutboundRecord) => {
  const common = toHeaders({ id: "", source, type: "", subject: "", time: "" });
  const pick = (name: string): Header => common.find(([found]) => found === name) as Header;
  const [version, origin, contentType] = [pick("ce_specversion"), pick("ce_source"), pick("content-type")];
  const typeHeader = sharedHeader("ce_type");
  const schemaHeader = sharedHeader("ce_dataschema");
  let lastTime = Number.NaN;
  let time: Header = ["ce_time", ""];
  return ([, id, topic, key, type, dataschema, subject, sequence, traceparent, correlation, causation, value]) => {
    const at = timeOfUuidV7(id);
    if (at !== lastTime) {
      lastTime = at;
      time = ["ce_time", timeText(at)];
    }
    const headers: Header[] = [
      version,
      ["ce_id", id],
      origin,
      typeHeader(type),
      ["ce_subject", subject ?? key],
      time,
      contentType,
      schemaHeader(dataschema),
    ];
    if (sequence !== null) headers.push(["ce_sequence", sequence]);
    if (correlation !== null) headers.push(["ce_correlationid", correlation]);
    if (causation !== null) headers.push(["ce_causationid", causation]);
    if (traceparent !== null) headers.push(["traceparent", traceparent]);
    return { topic, key, value, headers };
  };
};

/** When it happened is when the event id was made: in the transaction that wrote the row. */
const timeText = (at: number): CloudEvent["time"] => new Date(at).toISOString();
