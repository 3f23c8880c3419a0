import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../shared/observability/logger.ts";
import { listPauses, type Pause } from "../../shared/operations/pauses/list-pauses.ts";
import { connect } from "../../shared/postgres/connect.ts";
import { sqlState } from "../../shared/postgres/fault.ts";
import type { Pausable } from "./pausable.ts";

export type KeepPausesOptions = {
  /** Undefined when no function of the host needs a database: then nothing can have been paused. */
  readonly databaseUrl: string | undefined;
  readonly pausables: ReadonlyMap<string, Pausable>;
  readonly log: Log;
};

const AGAIN_MS = 500;
const NO_TABLE = "42P01";

/** A database that has no such table has nothing paused. */
const read = async (url: string): Promise<readonly Pause[]> => {
  const db = connect({ url, max: 1, connectTimeoutMs: 2_000, queryTimeoutMs: 2_000, applicationName: "sluice-host" });
  try {
    return await listPauses(db);
  } catch (fault) {
    if (sqlState(fault) === NO_TABLE) return [];
    throw fault;
  } finally {
    await db.end();
  }
};

const readPersistently = async (url: string, log: Log, signal: AbortSignal): Promise<readonly Pause[]> => {
  for (let tries = 1; ; tries++) {
    try {
      return await read(url);
    } catch (error) {
      if (tries === 1) log.warn("what is paused cannot be read yet: schedules and mappings wait for it", { error });
      await sleep(AGAIN_MS, undefined, { signal });
    }
  }
};

/** Keeps schedules and mappings as the table says. */
export type Pauses = {
  /** Looks again, and returns when what is paused has ended and what is not runs. */
  readAgain(): Promise<void>;
  /** Ends the reading. */
  stop(): void;
};

/**
 * Begins what a host runs; but what was paused when the last one ended stays so. Until the database tells, nothing begins:
 * without it neither a publisher nor a consumer could do anything.
 */
export const keepPauses = ({ databaseUrl, pausables, log }: KeepPausesOptions): Pauses => {
  const stopped = new AbortController();
  const apply = async (pauses: readonly Pause[]): Promise<void> => {
    const ended = [...pausables].map(([name, pausable]) => {
      const pause = pauses.find((each) => each.function === name);
      if (pause === undefined) return pausable.resume();
      if (!pausable.isPaused()) log.warn(`${name} is paused, by ${pause.actor} since ${pause.pausedAt}`);
      return pausable.pause();
    });
    for (const pausable of pausables.values()) pausable.begin();
    await Promise.all(ended);
  };
  const begin = async (url: string): Promise<void> => {
    const pauses = await readPersistently(url, log, stopped.signal);
    if (!stopped.signal.aborted) await apply(pauses);
  };
  const began = databaseUrl === undefined ? apply([]) : begin(databaseUrl);
  began.catch((fault) => {
    if (!stopped.signal.aborted) throw fault;
  });
  return {
    readAgain: async () => {
      if (databaseUrl !== undefined) await apply(await read(databaseUrl));
    },
    stop: () => stopped.abort(),
  };
};
