import type { Letter } from "../dead-letters/letter.ts";
import { type LetterReader, letterPages, letterRanges } from "../dead-letters/letter-pages.ts";

export type FoundLetters = {
  readonly letters: readonly Letter[] /** The limit came first. */;
  readonly gaveUp: boolean;
};

const keyOf = ({ record: { key } }: Letter): string | undefined =>
  key === null ? undefined : Buffer.from(key.buffer, key.byteOffset, key.length).toString();

/**
 * The dead letters of these ids, event ids or keys, in one topic; all of it is read through.
 * @param signal ends the search
 */
export const findLetters = async (
  reader: LetterReader,
  topic: string,
  ids: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<FoundLetters> => {
  const letters: Letter[] = [];
  for await (const page of letterPages(reader, await letterRanges(reader, topic))) {
    letters.push(...page.filter((letter) => ids.has(letter.eventId ?? "") || ids.has(keyOf(letter) ?? "")));
    if (signal.aborted) return { letters, gaveUp: true };
  }
  return { letters, gaveUp: false };
};
