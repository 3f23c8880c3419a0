import type { Position } from "../../messaging/cluster-reader.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";

/** Kafka's tool quotes names that need it, and takes any that are. */
const line = /^"?([\w.-]+)"?,\s*(\d+),\s*(\d+)$/;

/**
 * The positions of a file as Kafka's tool exports and takes it: `topic,partition,offset`, a line each.
 * @throws SluiceError `usage` naming the line
 */
export const readPositions = (text: string): readonly Position[] => {
  const positions: Position[] = [];
  const seen = new Set<string>();
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    if (raw.trim() === "") continue;
    const [, topic, partition, offset] = line.exec(raw.trim()) ?? [];
    const fault = (what: string) =>
      new SluiceError("usage", `line ${index + 1} ${what}: ${raw}`, { hint: "each line is topic,partition,offset" });
    if (topic === undefined || partition === undefined || offset === undefined) throw fault("is no position");
    const key = `${topic}:${Number(partition)}`;
    if (seen.has(key)) throw fault(`names ${key} once more`);
    seen.add(key);
    positions.push({ topic, partition: Number(partition), offset: BigInt(offset) });
  }
  if (positions.length === 0) throw new SluiceError("usage", "the file holds no position");
  return positions;
};

/** The same as text. */
export const writePositions = (positions: readonly Position[]): string =>
  positions.map(({ topic, partition, offset }) => `${topic},${partition},${offset}`).join("\n");
