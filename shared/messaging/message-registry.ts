import type * as z from "zod";
import type { CloudEvent } from "./cloud-event.ts";
import type { InboundRecord } from "./record.ts";
import { SluiceError } from "./sluice-error.ts";

/** One message type, written once: types, AsyncAPI and the compatibility check are derived from it. */
export type MessageDefinition = {
  /** `thing.created` (event, past tense) or `thing.create` (command, imperative). */
  readonly type: string;
  readonly kind: "event" | "command";
  /**
   * An event that is no state of an aggregate, such as the word that a command was refused: it counts no version, so it has
   * no `ce_sequence`, and no read model can be made of it.
   */
  readonly unversioned?: true;
  readonly topic: string;
  readonly summary: string;
  /** The schema version that producers write now, from 1. */
  readonly version: number;
  /** Of the data in that version. Unknown extra fields are accepted and dropped, so that producers may be ahead. */
  readonly schema: z.ZodType;
  /** `upcasters[n]` makes data of version n + 1 from data of version n, for n = 1 … version - 1. */
  readonly upcasters?: Readonly<Record<number, (data: unknown) => unknown>>;
};

export type MessageRegistry = {
  readonly definitions: readonly MessageDefinition[];
  get(type: string): MessageDefinition | undefined;
};

/** @throws SluiceError `registry-invalid` on a type that is registered twice or a missing upcaster: a refused start. */
export const createRegistry = (definitions: readonly MessageDefinition[]): MessageRegistry => {
  const byType = new Map<string, MessageDefinition>();
  for (const definition of definitions) {
    if (byType.has(definition.type))
      throw new SluiceError("registry-invalid", `message type ${definition.type} is registered twice`);
    for (let version = 1; version < definition.version; version++)
      if (definition.upcasters?.[version] === undefined)
        throw new SluiceError(
          "registry-invalid",
          `message type ${definition.type} has no upcaster from version ${version}`,
        );
    byType.set(definition.type, definition);
  }
  return { definitions: [...definitions], get: (type) => byType.get(type) };
};

const schemaUrn = /^urn:sluice:schema:([^:]+):([1-9]\d*)$/;

/** The `ce_dataschema` of a definition, e.g. `urn:sluice:schema:thing.created:1`. */
export const dataschemaOf = (definition: Pick<MessageDefinition, "type" | "version">): string =>
  `urn:sluice:schema:${definition.type}:${definition.version}`;

/** A record whose envelope and data were understood. */
export type DecodedMessage<Data = unknown> = {
  readonly event: CloudEvent;
  readonly definition: MessageDefinition;
  readonly data: Data;
  readonly record: InboundRecord;
};

/** The version that `ce_dataschema` names; 1 where it is missing, as for a producer that knows no versions. */
const versionOf = (event: CloudEvent, definition: MessageDefinition): number => {
  if (event.dataschema === undefined) return 1;
  const [, type, version] = schemaUrn.exec(event.dataschema) ?? [];
  if (type !== definition.type)
    throw new SluiceError("wrong-schema", `ce_dataschema ${event.dataschema} is not one of ${definition.type}`);
  return Number(version);
};

/**
 * Brings data up to the present version. A newer version than ours is read as ours: additive changes only are released.
 * An upcaster that stumbles over its input says that the input is not of the version that it names.
 */
const upcast = (data: unknown, from: number, definition: MessageDefinition): unknown => {
  let current = data;
  for (let version = from; version < definition.version; version++)
    try {
      current = definition.upcasters?.[version]?.(current);
    } catch (cause) {
      throw new SluiceError("wrong-schema", `${definition.type}: data is not of version ${version}`, { cause });
    }
  return current;
};

/**
 * Checks data of a known envelope against its registered schema.
 * @throws SluiceError `unknown-type` or `wrong-schema`; each is the reason under which the record is dead-lettered.
 */
export const decodeData = (
  registry: MessageRegistry,
  event: CloudEvent,
  data: unknown,
): { definition: MessageDefinition; data: unknown } => {
  const definition = registry.get(event.type);
  if (definition === undefined) throw new SluiceError("unknown-type", `no message type ${event.type} is registered`);
  const parsed = definition.schema.safeParse(upcast(data, versionOf(event, definition), definition));
  if (parsed.success) return { definition, data: parsed.data };
  const [issue] = parsed.error.issues;
  throw new SluiceError(
    "wrong-schema",
    `${event.type}: /${issue?.path.join("/") ?? ""} ${issue?.message ?? "is invalid"}`,
    {
      cause: parsed.error,
    },
  );
};
