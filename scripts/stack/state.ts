import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log, PartName } from "./part.ts";
import type { StackPaths } from "./paths.ts";
import { answers } from "./ports.ts";
import { isRunning, type ProcessRef, refTo } from "./process-identity.ts";

/**
 * What is remembered of a part between two runs of the CLI: the process that it is, or the `docker compose up` that holds it.
 * A given part is nobody's and is not remembered.
 */
export type PartState = ProcessRef & {
  readonly way: "embedded" | "docker";
  readonly address: string;
  readonly port: number;
};

export type StackState = { readonly parts: { readonly [part in PartName]?: PartState } };

const nothing: StackState = { parts: {} };

/** Written whole and renamed, so that a reader never sees half of it. */
const writeWhole = (file: string, text: string): void => {
  const beside = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(beside, text);
  renameSync(beside, file);
};

export const readState = (paths: StackPaths): StackState => {
  try {
    return JSON.parse(readFileSync(paths.stateFile, "utf8"));
  } catch {
    return nothing; // never started, or reset
  }
};

/** `undefined` forgets the part. */
export const rememberPart = (paths: StackPaths, part: PartName, state: PartState | undefined): void => {
  const { [part]: _before, ...others } = readState(paths).parts;
  const parts = state === undefined ? others : { ...others, [part]: state };
  writeWhole(paths.stateFile, `${JSON.stringify({ parts }, null, 2)}\n`);
};

/** True when the part still runs. Its pid alone may be another's by now, after a reboot for instance. */
export const isAlive = async (state: PartState): Promise<boolean> =>
  isRunning(state) && (state.way === "embedded" || (await answers(state.port)));

const holderOf = (lockFile: string): ProcessRef | undefined => {
  try {
    return JSON.parse(readFileSync(lockFile, "utf8"));
  } catch {
    return undefined;
  }
};

/** Takes away the lock of a process that has ended, unless somebody else was faster and the lock is theirs already. */
const breakLock = (lockFile: string, ended: ProcessRef): void => {
  const aside = `${lockFile}.ended.${process.pid}`;
  try {
    renameSync(lockFile, aside);
    const taken = holderOf(aside);
    if (taken !== undefined && taken.identity !== ended.identity) linkSync(aside, lockFile);
  } catch {
    // Somebody else broke it.
  }
  rmSync(aside, { force: true });
};

const tryLock = (lockFile: string): boolean => {
  const mine = `${lockFile}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(refTo(process.pid)));
  try {
    linkSync(mine, lockFile); // fails if it exists, and what appears is whole
    return true;
  } catch {
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
};

/** Runs `work` while nobody else on this machine starts, stops or resets the same stack. */
export const withLock = async <T>(paths: StackPaths, log: Log, work: () => Promise<T>): Promise<T> => {
  mkdirSync(dirname(paths.lockFile), { recursive: true });
  let said = false;
  while (!tryLock(paths.lockFile)) {
    const holder = holderOf(paths.lockFile);
    if (holder === undefined) {
      if (!existsSync(paths.lockFile)) continue;
      rmSync(paths.lockFile, { force: true }); // not written by us: locks appear whole
    } else if (!isRunning(holder)) breakLock(paths.lockFile, holder);
    else {
      if (!said) log(`stack ${paths.name}: waiting for process ${holder.pid}, which is starting or stopping it`);
      said = true;
      await sleep(100);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(paths.lockFile, { force: true });
  }
};
