import type { Meter } from "../../observability/metrics.ts";
import { type OpenLetters, type OpenLettersPorts, openLetters } from "./open-letters.ts";

/** Puts how many dead letters are open, over all of these topics, and the age of the oldest into the metrics. Answers them by topic. */
export const measureLetters = async (
  { meter, ...ports }: OpenLettersPorts & { readonly meter: Meter },
  topics: readonly string[],
): Promise<readonly OpenLetters[]> => {
  const all = await Promise.all(topics.map((topic) => openLetters(ports, topic)));
  meter.level(
    "DeadLettersOpen",
    all.reduce((sum, { open }) => sum + open, 0),
  );
  meter.level(
    "OldestDeadLetterMs",
    Math.max(0, ...all.map(({ oldestOpenSeconds }) => oldestOpenSeconds)) * 1000,
    "Milliseconds",
  );
  return all;
};
