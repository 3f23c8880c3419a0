import { setTimeout as sleep } from "node:timers/promises";
import type { Queryable } from "../../postgres/queryable.ts";
import { isPaused } from "./is-paused.ts";

const EVERY_MS = 1_000;

/** So long a paused function waits for its pause's end before it gives up; a mapping would bring the batch again at once. */
const WAIT_MS = 10_000;

/** Whether a function is paused, and stays so for ten seconds. */
export const staysPaused = async (db: Queryable, functionName: string, waitMs = WAIT_MS): Promise<boolean> => {
  for (let waited = 0; await isPaused(db, functionName); waited += EVERY_MS) {
    if (waited >= waitMs) return true;
    await sleep(Math.min(EVERY_MS, waitMs));
  }
  return false;
};
