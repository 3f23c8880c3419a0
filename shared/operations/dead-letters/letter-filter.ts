import type { Letter } from "./letter.ts";

/** Which dead letters are meant: those that match all that is given. */
export type LetterFilter = {
  readonly eventIds?: readonly string[] | undefined;
  readonly reason?: string | undefined;
  readonly type?: string | undefined;
  /** Dead-lettered at or after this. */
  readonly since?: Date | undefined;
  /** Dead-lettered before this. */
  readonly until?: Date | undefined;
};

export const matches = (
  { eventIds, reason, type, since, until }: LetterFilter,
  { record, deadLetter, eventId, type: ownType }: Letter,
): boolean =>
  (eventIds === undefined || (eventId !== undefined && eventIds.includes(eventId))) &&
  (reason === undefined || deadLetter?.reason === reason) &&
  (type === undefined || ownType === type) &&
  (since === undefined || record.timestamp >= since.getTime()) &&
  (until === undefined || record.timestamp < until.getTime());
