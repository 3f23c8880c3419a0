import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process as it can be found again: a pid alone may belong to somebody else after it ended or after a reboot. */
export type ProcessRef = { readonly pid: number; readonly identity: string };

/** Start times count from the boot. Some sandboxes do not tell which boot it is; then the start time alone must do. */
const bootId = (): string => {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
};

/** `/proc/<pid>/stat` after the command, which is in brackets and may itself hold spaces and brackets. */
const statFields = (pid: number | string): readonly string[] => {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
};

const onLinux = process.platform === "linux";
const STATE = 0;
const PARENT = 1;
const START_TIME = 19;

/**
 * What tells this process from a later one with the same pid: boot and start time. `undefined` when it has ended;
 * a zombie (ended, but not collected by its parent) counts as ended.
 */
export const processIdentity = (pid: number): string | undefined => {
  try {
    if (onLinux) {
      const fields = statFields(pid);
      return fields[STATE] === "Z" || fields[STATE] === "X" ? undefined : `${bootId()}:${fields[START_TIME]}`;
    }
    const answer = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return answer === "" || answer.startsWith("Z") ? undefined : answer.slice(answer.indexOf(" ")).trim();
  } catch {
    return undefined;
  }
};

export const refTo = (pid: number): ProcessRef | undefined => {
  const identity = processIdentity(pid);
  return identity === undefined ? undefined : { pid, identity };
};

export const isRunning = (ref: ProcessRef): boolean => processIdentity(ref.pid) === ref.identity;

/** What the process was started with; `undefined` when there is none. */
export const commandLineOf = (pid: number): string | undefined => {
  try {
    if (onLinux) return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() || undefined;
    return execFileSync("ps", ["-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
  } catch {
    return undefined;
  }
};

const parentsOfAll = (): ReadonlyMap<number, number> => {
  const parents = new Map<number, number>();
  if (onLinux) {
    for (const entry of readdirSync("/proc")) {
      if (!/^\d+$/.test(entry)) continue;
      try {
        parents.set(Number(entry), Number(statFields(entry)[PARENT]));
      } catch {
        // It ended between the listing and the reading.
      }
    }
    return parents;
  }
  for (const line of execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).split("\n")) {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    if (pid !== undefined && parent !== undefined && !Number.isNaN(parent)) parents.set(pid, parent);
  }
  return parents;
};

/** The process and everything under it. PostgreSQL's backends leave the group of their parent, so a group is not enough. */
export const processTree = (root: number): readonly ProcessRef[] => {
  const parents = parentsOfAll();
  const tree = [root];
  for (let index = 0; index < tree.length; index++) {
    for (const [pid, parent] of parents) if (parent === tree[index]) tree.push(pid);
  }
  return tree.map(refTo).filter((ref) => ref !== undefined);
};

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal);
  } catch {
    try {
      process.kill(pid, signal);
    } catch {
      // Ended meanwhile.
    }
  }
};

/** Waits until none of them runs. Answers whether that came true within the time. */
export const waitUntilEnded = async (refs: readonly ProcessRef[], withinMs: number): Promise<boolean> => {
  const deadline = Date.now() + withinMs;
  while (refs.some(isRunning)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
};

/** SIGKILL to the process and everything under it, if it is still the one meant. Returns once all are gone. */
export const killTree = async (ref: ProcessRef): Promise<void> => {
  if (!isRunning(ref)) return;
  const tree = processTree(ref.pid);
  signalGroup(ref.pid, "SIGKILL");
  for (const each of tree) if (isRunning(each)) signalGroup(each.pid, "SIGKILL");
  await waitUntilEnded(tree, 10_000);
};

/** Asks the process to end by `signal`, and kills it with everything under it if it has not within the grace. */
export const stopProcess = async (
  ref: ProcessRef,
  options: { readonly signal: NodeJS.Signals; readonly graceMs: number },
): Promise<void> => {
  if (!isRunning(ref)) return;
  const tree = processTree(ref.pid);
  try {
    process.kill(ref.pid, options.signal);
  } catch {
    // Ended meanwhile.
  }
  if (await waitUntilEnded(tree, options.graceMs)) return;
  await killTree(ref);
  await Promise.all(tree.map(killTree));
};
