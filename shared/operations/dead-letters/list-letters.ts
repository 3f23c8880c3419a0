import type { Letter } from "./letter.ts";
import { type LetterFilter, matches } from "./letter-filter.ts";
import { type LetterReader, letterPages, letterRanges } from "./letter-pages.ts";

/** A dead letter for people and programs. What it does not tell is undefined. */
export type ListedLetter = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly deadLetteredAt: string;
  readonly ageSeconds: number;
  readonly reason: string | undefined;
  readonly message: string | undefined;
  readonly group: string | undefined;
  readonly origin: { readonly topic: string; readonly partition: number; readonly offset: bigint } | undefined;
  readonly eventId: string | undefined;
  readonly type: string | undefined;
  readonly key: string | undefined;
  readonly replays: number;
};

/** The record's own headers, in their order, and its value: text, and what is not UTF-8 in base64 behind `base64:`. */
export type RawLetter = ListedLetter & {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly value: string | undefined;
};

export type ListRequest = {
  readonly topic: string;
  readonly filter: LetterFilter;
  readonly limit: number;
  /** From the oldest on; otherwise the newest, as many of each partition as the limit says. */
  readonly fromBeginning: boolean;
  readonly now: number;
};

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const readable = (value: Uint8Array | null): string | undefined => {
  if (value === null) return undefined;
  try {
    return utf8.decode(value);
  } catch {
    return `base64:${Buffer.from(value).toString("base64")}`;
  }
};

export const listed = ({ record, deadLetter, eventId, type, replays }: Letter, now: number): ListedLetter => {
  const original = deadLetter?.original;
  return {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    deadLetteredAt: new Date(record.timestamp).toISOString(),
    ageSeconds: Math.max(0, Math.round((now - record.timestamp) / 1000)),
    reason: deadLetter?.reason,
    message: deadLetter?.fault?.message,
    group: deadLetter?.group,
    origin: original && { topic: original.topic, partition: original.partition, offset: original.offset },
    eventId,
    type,
    key: readable(record.key),
    replays,
  };
};

/** Numbers among the dead letters' headers are big-endian bytes. */
const headerText = (name: string, value: Uint8Array): string => {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  if (name === "kafka_dlt-original-partition" && bytes.length === 4) return String(bytes.readInt32BE());
  if (/^kafka_dlt-original-(offset|timestamp)$/.test(name) && bytes.length === 8) return String(bytes.readBigInt64BE());
  return readable(value) ?? "";
};

export const raw = (letter: Letter, now: number): RawLetter => ({
  ...listed(letter, now),
  headers: letter.record.headers.map(([name, value]) => [name, headerText(name, value)] as const),
  value: readable(letter.record.value),
});

/**
 * Dead letters that match, oldest first. Reads by offset up to where the topic ends now: joins no group and commits nothing.
 * @throws SluiceError `unknown-topic`
 */
export const listLetters = async (reader: LetterReader, request: ListRequest): Promise<readonly Letter[]> => {
  const { topic, filter, limit, fromBeginning } = request;
  const ranges = (await letterRanges(reader, topic)).map((range) => {
    const newest = range.end - BigInt(limit);
    return fromBeginning || newest < range.earliest ? range : { ...range, earliest: newest };
  });
  let found: Letter[] = [];
  for await (const page of letterPages(reader, ranges)) {
    const sorted = [...found, ...page.filter((letter) => matches(filter, letter))].sort(
      (a, b) => a.record.timestamp - b.record.timestamp,
    );
    found = fromBeginning ? sorted.slice(0, limit) : sorted.slice(-limit);
  }
  return found;
};
