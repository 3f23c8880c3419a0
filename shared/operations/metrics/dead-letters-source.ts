import { openLetters } from "../dead-letters/open-letters.ts";
import { gauge, sample } from "./family.ts";
import type { MetricSource } from "./source.ts";

/** How many dead letters wait for somebody, from the brokers and the ledger of replays. */
export const deadLettersSource: MetricSource = {
  name: "dead-letters",
  read: async (ports) => {
    const topics = ports.registry.groups.map(({ deadLetterTopic }) => deadLetterTopic);
    const all = await Promise.all(topics.map((topic) => openLetters(ports, topic)));
    return [
      gauge(
        "dlq_depth",
        "Dead letters that were not replayed yet",
        all.map(({ topic, open }) => sample(open, { topic })),
      ),
      gauge(
        "dlq_records",
        "Records that a dead-letter topic holds, replayed ones too, until they expire",
        all.map(({ topic, held }) => sample(held, { topic })),
      ),
      gauge(
        "dlq_oldest_age_seconds",
        "Age of the oldest dead letter that was not replayed yet; 0 when there is none",
        all.map(({ topic, oldestOpenSeconds }) => sample(oldestOpenSeconds, { topic })),
      ),
    ];
  },
};
