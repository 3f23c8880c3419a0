import type { Queryable } from "../../postgres/queryable.ts";
import { isPaused } from "./is-paused.ts";
import type { PauseSettings } from "./pause-settings.ts";

export type PausedRun = { readonly ended: "paused" };

type Options = PauseSettings & {
  readonly db: Queryable;
  readonly name: string;
  /** Between two looks; 2,000 unless said. */
  readonly everyMs?: number;
};

type Running<Task, Report> = { run(task: Task & { readonly signal?: AbortSignal }): Promise<Report> };

/**
 * Runs what goes on until its deadline, and ends it when an operator pauses the function; one that is paused already is not begun.
 * What cannot be asked is taken for not paused: without the database nothing could be done at any rate.
 */
export const untilPaused =
  <Task extends object, Report>(
    { db, name, HEED_PAUSES, everyMs = 2_000 }: Options,
    { run }: Running<Task, Report>,
  ): ((task: Task) => Promise<Report | PausedRun>) =>
  async (task) => {
    if (!HEED_PAUSES) return run(task);
    if (await isPaused(db, name)) return { ended: "paused" };
    const paused = new AbortController();
    const look = async (): Promise<void> => {
      if (await isPaused(db, name)) paused.abort();
    };
    const timer = setInterval(() => void look().catch(() => {}), everyMs);
    try {
      return await run({ ...task, signal: paused.signal });
    } finally {
      clearInterval(timer);
    }
  };
