import { SluiceError } from "../../messaging/sluice-error.ts";
import type { TopicSelection } from "./rewind-request.ts";

/**
 * A topic as Kafka's tool takes it: `things`, or some of its partitions: `things:0,1`.
 * @throws SluiceError `usage`
 */
export const parseTopic = (text: string): TopicSelection => {
  const [, topic, list] = /^([\w.-]+)(?::(\d+(?:,\d+)*))?$/.exec(text) ?? [];
  if (topic === undefined)
    throw new SluiceError("usage", `${text} names no topic`, { hint: "a topic, or some of its partitions: topic:0,1" });
  if (list === undefined) return { topic };
  return { topic, partitions: [...new Set(list.split(",").map(Number))].sort((a, b) => a - b) };
};
