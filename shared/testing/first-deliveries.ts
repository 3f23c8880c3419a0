import type { InboundRecord } from "../messaging/record.ts";

/** A header as text; empty where there is none. */
export const headerOf = (record: InboundRecord, name: string): string =>
  Buffer.from(record.headers.find(([found]) => found === name)?.[1] ?? []).toString();

/**
 * The versions of each aggregate, by key, in the order of the topic, each event once: at its first delivery.
 * An event without a version is left out.
 */
export const firstDeliveries = (records: readonly InboundRecord[]): Map<string, number[]> => {
  const seen = new Set<string>();
  const versions = new Map<string, number[]>();
  for (const record of records) {
    const [id, version] = [headerOf(record, "ce_id"), headerOf(record, "ce_sequence")];
    if (seen.has(id) || version === "") continue;
    seen.add(id);
    const key = Buffer.from(record.key ?? []).toString();
    const found = versions.get(key);
    if (found) found.push(Number(version));
    else versions.set(key, [Number(version)]);
  }
  return versions;
};
