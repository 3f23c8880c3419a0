import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../messaging/clock.ts";
import { uuidV7 } from "../../messaging/uuid-v7.ts";
import type { Queryable } from "../../postgres/queryable.ts";
import type { Log } from "../logger.ts";
import { foldCounts } from "./fold-counts.ts";
import { insertCounts } from "./insert-counts.ts";
import type { Counts, Tally } from "./tally.ts";
import { updateCounts } from "./update-counts.ts";

export type SharingOptions = {
  readonly db: Queryable;
  readonly functionName: string;
  readonly tally: Tally;
  readonly log: Log;
  readonly clock: Clock;
  /** The shortest time between two writes in the middle of an invocation; 5,000 unless said. */
  readonly everyMs?: number;
  /**
   * The shortest time from one write to that at the end of an invocation; 0 unless said: each
   * invocation ends with a write. What was counted since the last write is lost with a process that
   * is not invoked again.
   */
  readonly endEveryMs?: number;
  /** How long the end of an invocation may wait for a write; 500 unless said. */
  readonly limitMs?: number;
};

/** Writes what this process counts into the table that `/metrics` sums. */
export type SharedCounts = {
  /** An invocation begins. */
  begin(): void;
  /** An invocation ends: writes if it is time to, and waits for a write that is under way. Never throws. */
  end(): Promise<void>;
};

const EVERY_MS = 5_000;
const LIMIT_MS = 500;

const less = (counts: Counts, before: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).map(([series, value]) => [series, value - (before[series] ?? 0)]));

/** The row of this process: one after the other, if it is folded because there was nothing to count for an hour. */
const createWriter = ({ db, functionName, clock }: SharingOptions) => {
  let process = uuidV7(clock);
  let isNew = true;
  /** What rows of this process before the one at hand hold, and what has been written in all. */
  let [before, written]: [Counts, Counts] = [{}, {}];
  const begin = async (counts: Counts): Promise<void> => {
    await foldCounts(db); // with each new row, so that the table stays small by itself
    await insertCounts(db, { functionName, process }, less(counts, before));
    isNew = false;
  };
  return async (counts: Counts): Promise<void> => {
    if (!isNew && !(await updateCounts(db, { functionName, process }, less(counts, before))))
      [process, before, isNew] = [uuidV7(clock), written, true];
    if (isNew) await begin(counts);
    written = counts;
  };
};

/**
 * Counts go out every few seconds while there are new ones, beside what the function does, and with
 * the end of an invocation: on Lambda a process stands still after it, its timers too, and may
 * never be heard of again. Lambda sends SIGTERM only where an extension is registered, so nothing
 * relies on it; a process that is told to end, as by the local host, writes what is left. A write
 * that fails is made up for by the next one.
 */
export const shareCounts = (options: SharingOptions): SharedCounts => {
  const { tally, clock, log, everyMs = EVERY_MS, endEveryMs = 0, limitMs = LIMIT_MS } = options;
  const write = createWriter(options);
  let lastAt = Number.NEGATIVE_INFINITY;
  let [isDirty, isInvoking, isEnding, isListening, hasFailed] = [false, false, false, false, false];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  const share = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    isDirty = false;
    lastAt = clock();
    try {
      await write(tally.counts());
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) log.warn("counts could not be written; the next write makes up for it", { error });
      hasFailed = true;
      changed();
    }
  };
  const shareOnce = (): Promise<void> => {
    writing ??= share().finally(() => {
      writing = undefined;
      listen();
    });
    return writing;
  };
  /** What is being written may not hold the newest counts. */
  const settle = async (isDue: boolean): Promise<void> => {
    await writing;
    if (isDue && isDirty) await shareOnce();
  };
  const onSigterm = (): void => {
    [isEnding, isListening] = [true, false];
    if (isDirty) void shareOnce();
  };
  /** Only while there is something to write: a process that listens is given half a second to end. */
  const listen = (): void => {
    const wanted = isDirty || isInvoking;
    if (wanted === isListening) return; // not with each request
    isListening = wanted;
    if (wanted) process.once("SIGTERM", onSigterm);
    else process.off("SIGTERM", onSigterm);
  };
  const changed = (): void => {
    if (isDirty) return;
    isDirty = true;
    timer ??= setTimeout(() => void shareOnce(), everyMs).unref();
    listen();
  };
  tally.onChange(changed);
  return {
    begin: () => {
      isInvoking = true;
      listen();
    },
    end: async () => {
      isInvoking = false;
      const sinceMs = clock() - lastAt;
      // a clock that was set back delays nothing
      const isDue = isEnding || sinceMs < 0 || sinceMs >= endEveryMs;
      if (isDue || writing !== undefined)
        await Promise.race([settle(isDue), sleep(limitMs, undefined, { ref: false })]);
      listen();
    },
  };
};
