import { type DeadLetter, readDeadLetter } from "../../messaging/dead-letter.ts";
import type { InboundRecord } from "../../messaging/record.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";

/** Ours: how often a record was taken from dead letters and sent again, in decimal digits. */
export const REPLAYS_HEADER = "sluice_replays";

/** A record of a dead-letter topic with what it tells of itself. */
export type Letter = {
  /** As it lies in the dead-letter topic; its timestamp is when it was dead-lettered. */
  readonly record: InboundRecord;
  /** Undefined for a record that does not say where it came from. */
  readonly deadLetter: DeadLetter | undefined;
  readonly eventId: string | undefined;
  readonly type: string | undefined;
  /** How often it was replayed before it came here; NaN when its header is no number. */
  readonly replays: number;
};

const deadLetterOf = (record: InboundRecord): DeadLetter | undefined => {
  try {
    return readDeadLetter(record);
  } catch (fault) {
    if (fault instanceof SluiceError && fault.code === "not-a-dead-letter") return undefined;
    throw fault;
  }
};

export const toLetter = (record: InboundRecord): Letter => {
  const text = (name: string): string | undefined => {
    const value = record.headers.findLast(([each]) => each === name)?.[1];
    return value === undefined ? undefined : Buffer.from(value.buffer, value.byteOffset, value.length).toString();
  };
  const replays = text(REPLAYS_HEADER);
  return {
    record,
    deadLetter: deadLetterOf(record),
    eventId: text("ce_id"),
    type: text("ce_type"),
    replays: replays === undefined ? 0 : /^\d{1,9}$/.test(replays) ? Number(replays) : Number.NaN,
  };
};
