import type { Meter } from "../../observability/metrics.ts";
import { type OpenLetters, type OpenLettersPorts, openLetters } from "./open-letters.ts";

/** Puts how many dead letters are open, over all of these topics, and the age of the oldest into the metrics. Answers them by topic. */
export const measureLetters = async (
  { meter, ...ports }: OpenLettersPorts & { readonly meter: Meter },
  topics: readonly string[],
): Promise<readonly OpenLetters[]> => {
  const all = await Promise.all(topics.map((topic) => openLetters(ports, topic)));
  const open = all.reduce((sum, each) => sum + each.open, 0);
  const oldestMs = Math.max(0, ...all.map(({ oldestOpenSeconds }) => oldestOpenSeconds)) * 1000;
  meter.level("DeadLettersOpen", open);
  meter.level("OldestDeadLetterMs", oldestMs, "Milliseconds");
  return all;
};
