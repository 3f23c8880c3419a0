import * as z from "zod";
import { dataschemaOf, type MessageDefinition, type MessageRegistry } from "./message-registry.ts";

type Json = Readonly<Record<string, unknown>>;

/** A topic as the document describes it. `description`: what goes over it, and in which order. */
export type Channel = {
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number;
  readonly description?: string;
};

/** The data's JSON Schema: as a consumer accepts it, so extra fields are allowed. */
export const dataJsonSchema = (definition: MessageDefinition): Json => {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(definition.schema, { target: "draft-7", io: "input" });
  return schema;
};

/** `thing.created` as a key: AsyncAPI wants letters, digits, dots, dashes and underscores; a dot would read as a path. */
const keyOf = (name: string): string => name.replaceAll(".", "-");

const text = (description: string, more: Json = {}): Json => ({ type: "string", description, ...more });

/** Whether it tells the state of an aggregate, and so its version. */
const isVersioned = ({ kind, unversioned }: MessageDefinition): boolean => kind === "event" && unversioned !== true;

/** The envelope: CloudEvents 1.0, Kafka binding, binary mode. */
const headersOf = (definition: MessageDefinition): Json => ({
  type: "object",
  required: [
    ...["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_dataschema", "content-type"],
    ...(isVersioned(definition) ? ["ce_sequence"] : []),
  ],
  properties: {
    ce_specversion: { const: "1.0" },
    ce_id: text("The event id, a UUIDv7; the same on every redelivery, dead letter and replay", { format: "uuid" }),
    ce_source: text("Who wrote it"),
    ce_type: { const: definition.type },
    ce_subject: text("The aggregate's id; equal to the record's key"),
    ce_time: text("When it happened; the record's timestamp is when the broker took it", { format: "date-time" }),
    ce_dataschema: { const: dataschemaOf(definition) },
    "content-type": { const: "application/json" },
    ...(isVersioned(definition) && {
      ce_sequence: text("The aggregate's version after the change", { pattern: "^[1-9][0-9]*$" }),
    }),
    ce_correlationid: text("The same for all that one request set off"),
    ce_causationid: text("The id of the message that caused this one"),
    traceparent: text("W3C trace context"),
  },
});

const messageOf = (definition: MessageDefinition): Json => ({
  name: definition.type,
  title: definition.type,
  summary: definition.summary,
  contentType: "application/json",
  headers: headersOf(definition),
  payload: dataJsonSchema(definition),
  bindings: { kafka: { key: text("The aggregate's id"), bindingVersion: "0.5.0" } },
});

const channelOf = (channel: Channel, definitions: readonly MessageDefinition[]): Json => ({
  address: channel.name,
  ...(channel.description !== undefined && { description: channel.description }),
  bindings: {
    kafka: {
      topic: channel.name,
      partitions: channel.partitions,
      topicConfiguration: { "cleanup.policy": ["delete"], "retention.ms": channel.retentionMs },
      bindingVersion: "0.5.0",
    },
  },
  messages: Object.fromEntries(
    definitions.map(({ type }) => [keyOf(type), { $ref: `#/components/messages/${keyOf(type)}` }]),
  ),
});

/** The AsyncAPI 3.0 document of a registry; a pure function of it, so that it can be compared with the one in docs. */
export const asyncApiDocument = (
  info: { readonly title: string; readonly version: string; readonly description: string },
  registry: MessageRegistry,
  channels: readonly Channel[],
): Json => {
  const of = (channel: Channel) => registry.definitions.filter(({ topic }) => topic === channel.name);
  const used = channels.filter((channel) => of(channel).length > 0);
  const operation = (action: "send" | "receive", channel: Channel): Json => ({
    action,
    channel: { $ref: `#/channels/${keyOf(channel.name)}` },
    messages: of(channel).map(({ type }) => ({ $ref: `#/channels/${keyOf(channel.name)}/messages/${keyOf(type)}` })),
  });
  return {
    asyncapi: "3.0.0",
    info,
    defaultContentType: "application/json",
    channels: Object.fromEntries(used.map((channel) => [keyOf(channel.name), channelOf(channel, of(channel))])),
    operations: Object.fromEntries(
      used.flatMap((channel) => [
        [`send-${keyOf(channel.name)}`, operation("send", channel)],
        [`receive-${keyOf(channel.name)}`, operation("receive", channel)],
      ]),
    ),
    components: {
      messages: Object.fromEntries(
        registry.definitions.map((definition) => [keyOf(definition.type), messageOf(definition)]),
      ),
    },
  };
};
