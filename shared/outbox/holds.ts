import type { OutboundRecord } from "../messaging/record.ts";
import { backoffMs } from "./backoff.ts";

/** A record that a send has answered for. */
export type Attempt = { readonly record: OutboundRecord; readonly acknowledged: boolean };

/**
 * What is held back after a failed send, so that it is tried again later and the rest goes on meanwhile.
 *
 * A topic of which nothing was acknowledged waits as a whole: the brokers are away, or the topic is missing. Of a topic that
 * took some records, only the keys wait whose records failed: a partition is without a leader. Order is not at stake, as
 * every claim begins with the oldest row of a key; but without holds the failing rows would fill each batch.
 */
export type Holds = {
  note(attempts: readonly Attempt[]): void;
  /** True while a failure is remembered: then successes are to be noted too. */
  isTroubled(): boolean;
  topics(): readonly string[];
  keys(): readonly { readonly topic: string; readonly key: string }[];
  /** Milliseconds until the first hold ends; undefined when there is none. */
  nextMs(): number | undefined;
};

type KeyHold = { readonly topic: string; readonly key: string; readonly until: number };

/** More keys than this and their topic waits instead: the list goes to the database with each claim. */
const MOST_KEYS = 5_000;

export const createHolds = (monotonic: () => number, random: () => number): Holds => {
  const failures = new Map<string, number>();
  const topicsUntil = new Map<string, number>();
  const keyHolds = new Map<string, KeyHold>();

  /** Holds end by themselves. */
  const sweep = (): void => {
    if (topicsUntil.size === 0 && keyHolds.size === 0) return;
    const now = monotonic();
    for (const [topic, until] of topicsUntil) if (until <= now) topicsUntil.delete(topic);
    for (const [name, { until }] of keyHolds) if (until <= now) keyHolds.delete(name);
  };

  const noteTopic = (topic: string, attempts: readonly Attempt[]): void => {
    const failed = attempts.filter(({ acknowledged }) => !acknowledged);
    if (failed.length === 0) {
      failures.delete(topic);
      return;
    }
    const count = (failures.get(topic) ?? 0) + 1;
    failures.set(topic, count);
    const until = monotonic() + backoffMs(count, random);
    if (failed.length === attempts.length || keyHolds.size + failed.length > MOST_KEYS) {
      topicsUntil.set(topic, until);
      return;
    }
    for (const { record } of failed)
      if (typeof record.key === "string") keyHolds.set(`${topic}\0${record.key}`, { topic, key: record.key, until });
  };

  return {
    note: (attempts) => {
      for (const [topic, ofTopic] of Map.groupBy(attempts, ({ record }) => record.topic)) noteTopic(topic, ofTopic);
    },
    isTroubled: () => failures.size > 0,
    topics: () => {
      sweep();
      return [...topicsUntil.keys()];
    },
    keys: () => {
      sweep();
      return [...keyHolds.values()];
    },
    nextMs: () => {
      sweep();
      if (topicsUntil.size === 0 && keyHolds.size === 0) return undefined;
      const ends = [...topicsUntil.values(), ...[...keyHolds.values()].map(({ until }) => until)];
      return Math.max(0, Math.min(...ends) - monotonic());
    },
  };
};
