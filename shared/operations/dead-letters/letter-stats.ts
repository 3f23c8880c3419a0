import type { Queryable } from "../../postgres/queryable.ts";
import { findReplayed } from "./find-replayed.ts";
import type { Letter } from "./letter.ts";
import { type LetterReader, letterPages, letterRanges } from "./letter-pages.ts";

/** Dead letters of one topic, reason and type. */
export type LetterStats = {
  readonly topic: string;
  /** Undefined where the records tell none, as Spring's. */
  readonly reason: string | undefined;
  readonly type: string | undefined;
  readonly records: number;
  /** Of these, how many were sent again from here. */
  readonly replayed: number;
  /** By age: up to an hour, a day, a week, and older. */
  readonly hour: number;
  readonly day: number;
  readonly week: number;
  readonly older: number;
  /** Of the oldest that was not replayed; undefined when all were. */
  readonly oldestOpenSeconds: number | undefined;
};

type Bucket = "hour" | "day" | "week" | "older";
type Draft = { -readonly [Name in keyof LetterStats]: LetterStats[Name] };

const HOUR = 3_600;

const bucketOf = (seconds: number): Bucket => {
  if (seconds <= HOUR) return "hour";
  if (seconds <= 24 * HOUR) return "day";
  return seconds <= 7 * 24 * HOUR ? "week" : "older";
};

const empty = (topic: string, { deadLetter, type }: Letter): Draft => ({
  ...{ topic, reason: deadLetter?.reason, type, records: 0, replayed: 0 },
  ...{ hour: 0, day: 0, week: 0, older: 0, oldestOpenSeconds: undefined },
});

const count = (stats: Draft, seconds: number, isReplayed: boolean): void => {
  stats.records++;
  stats[bucketOf(seconds)]++;
  if (isReplayed) stats.replayed++;
  else stats.oldestOpenSeconds = Math.max(seconds, stats.oldestOpenSeconds ?? 0);
};

/**
 * Counts what a dead-letter topic holds, in pages: memory grows with its reasons and types only.
 * @param now milliseconds since 1970
 * @throws SluiceError `unknown-topic`
 */
export const letterStats = async (
  { reader, db }: { readonly reader: LetterReader; readonly db: Queryable },
  topic: string,
  now: number,
): Promise<readonly LetterStats[]> => {
  const groups = new Map<string, Draft>();
  for await (const page of letterPages(reader, await letterRanges(reader, topic))) {
    const replayed = await findReplayed(db, page);
    for (const letter of page) {
      const name = JSON.stringify([letter.deadLetter?.reason, letter.type]);
      const stats = groups.get(name) ?? empty(topic, letter);
      groups.set(name, stats);
      count(stats, Math.max(0, Math.round((now - letter.record.timestamp) / 1000)), replayed.has(letter));
    }
  }
  return [...groups.values()].sort((a, b) => b.records - a.records);
};
