import type { CloudEvent } from "../messaging/cloud-event.ts";
import { type Envelope, readEnvelope, readMessage } from "../messaging/decode-record.ts";
import type { MessageRegistry } from "../messaging/message-registry.ts";
import type { InboundRecord } from "../messaging/record.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import { isUuidV7 } from "../messaging/uuid-v7.ts";
import type { ReceivedCommand } from "./command-handler.ts";
import { refuseTooOld } from "./refuse-too-old.ts";

export type CommandEntry = {
  readonly kind: "command";
  readonly record: InboundRecord;
  readonly command: ReceivedCommand;
};

/** A record of a batch as the command consumer sees it. */
export type Entry =
  | CommandEntry
  | {
      readonly kind: "poison";
      readonly record: InboundRecord;
      readonly event?: CloudEvent;
      readonly fault: SluiceError;
    };

export type DecodeOptions = {
  readonly registry: MessageRegistry;
  /** How long the inbox knows an event, from the time in its id on. */
  readonly retentionMs: number;
  readonly now: number;
};

/** The inbox tells a repeat by the id, and keeps it for a time that it reads from the id. */
const checkId = ({ id }: CloudEvent, options: DecodeOptions): void => {
  if (!isUuidV7(id)) throw new SluiceError("bad-event-id", `ce_id ${id} is not a UUIDv7`);
  refuseTooOld(id, options);
};

const decode = ({ event, definition }: Envelope, record: InboundRecord, options: DecodeOptions): Entry => {
  const { type } = definition;
  if (definition.kind !== "command") throw new SluiceError("not-a-command", `${type} is an event`);
  checkId(event, options);
  const { data } = readMessage(options.registry, event, record);
  const { id } = data as { readonly id?: unknown };
  if (id !== event.subject)
    throw new SluiceError("wrong-subject", `ce_subject ${event.subject} is not the data's ${String(id)}`);
  return { kind: "command", record, command: { type, data, event, record } };
};

const toFault = (error: unknown): SluiceError =>
  error instanceof SluiceError
    ? error
    : new SluiceError("undecodable", String((error as Error)?.message ?? error), { cause: error });

const decodeOne = (record: InboundRecord, options: DecodeOptions): Entry => {
  let envelope: Envelope | undefined;
  try {
    envelope = readEnvelope(options.registry, record);
    return decode(envelope, record, options);
  } catch (error) {
    return { kind: "poison", record, fault: toFault(error), ...(envelope && { event: envelope.event }) };
  }
};

/** Decodes every record. What can never be done comes out as poison with its reason as the fault's code; nothing is thrown. */
export const decodeCommands = (records: readonly InboundRecord[], options: DecodeOptions): readonly Entry[] =>
  records.map((record) => decodeOne(record, options));
