import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { stackPaths } from "../stack/paths.ts";
import { isRunning, type ProcessRef, refTo } from "../stack/process-identity.ts";
import { containerName } from "./container.ts";
import type { ControlAddress } from "./control/control-client.ts";
import { functions as allFunctions } from "./functions.ts";

/**
 * What a running host leaves in `.sluice/<stack>/hosts/<function>.json` so that other processes find it, a file for each function
 * that it hosts: several hosts of a stack share the functions between them, and each function has one. Readable by its owner alone: it holds the token.
 *
 * Containers share the folder by a volume. There a host is known by its container, and lives as long as its files are touched.
 */
export type HostFile = ProcessRef &
  ControlAddress & {
    readonly url: string | undefined;
    readonly functions: readonly string[];
    /** The container that it runs in, if it does. */
    readonly container?: string;
  };

/** A host that has claimed its functions; the addresses come once it listens. */
export type RunningHost = Partial<HostFile> & ProcessRef;

const folderOf = (stack: string): string => join(stackPaths(stack).state, "hosts");
const fileOf = (stack: string, functionName: string): string => join(folderOf(stack), `${functionName}.json`);

const read = (file: string): RunningHost | undefined => {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
};

/** What appears is whole. */
const writeBeside = (file: string, content: object): string => {
  const beside = `${file}.${process.pid}`;
  writeFileSync(beside, `${JSON.stringify(content)}\n`, { mode: 0o600 });
  return beside;
};

const claim = (file: string, content: object): boolean => {
  const beside = writeBeside(file, content);
  try {
    linkSync(beside, file); // fails if it exists
    return true;
  } catch {
    return false;
  } finally {
    rmSync(beside, { force: true });
  }
};

/** A host in another container touches its files this often, and is taken for dead when it has not for so long. */
const BEAT_MS = 2_000;
const SILENT_MS = 10_000;

const ageMs = (file: string): number => {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
};

/** A process of this machine or container can be seen, and one of before in the same container cannot; others are heard of. */
const isAlive = (file: string, host: RunningHost): boolean =>
  host.container === containerName() ? isRunning(host) : ageMs(file) < SILENT_MS;

const runningIn = (file: string): RunningHost | undefined => {
  const found = read(file);
  return found !== undefined && isAlive(file, found) ? found : undefined;
};

/** Lets other containers know that this one lives, until the answer is called. On a plain machine nobody has to be told. */
const beat = (files: readonly string[]): (() => void) => {
  if (containerName() === undefined) return () => {};
  const touch = () => {
    const now = new Date();
    for (const file of files.filter((each) => existsSync(each))) utimesSync(file, now, now);
  };
  const timer = setInterval(touch, BEAT_MS).unref();
  return () => clearInterval(timer);
};

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    return []; // none was ever there
  }
};

/** The hosts that run for this stack, each once. */
export const runningHosts = (stack: string): readonly RunningHost[] => {
  const folder = folderOf(stack);
  const found = namesIn(folder).flatMap((name) => runningIn(join(folder, name)) ?? []);
  return [...new Map(found.map((host) => [`${host.container} ${host.pid} ${host.identity}`, host])).values()];
};

/** The host that has this function of the stack, or undefined; any host of the stack when no function is named. */
export const runningHost = (stack: string, functionName?: string): RunningHost | undefined =>
  functionName === undefined ? runningHosts(stack)[0] : runningIn(fileOf(stack, functionName));

const claimOne = (stack: string, functionName: string, own: ProcessRef): void => {
  const file = fileOf(stack, functionName);
  while (!claim(file, own)) {
    const other = runningIn(file);
    if (other !== undefined)
      throw new SluiceError(
        "host-runs",
        `${functionName} of stack ${stack} is hosted already: by ${other.container ?? `process ${other.pid}`}${other.url ? ` at ${other.url}` : ""}`,
        { hint: "end it by Ctrl-C, or run other functions by --only, or another stack by --name and --port" },
      );
    rmSync(file, { force: true }); // left by one that was killed
  }
};

/**
 * Makes this process the host of these functions of the stack; of all when none is named.
 * @returns what completes the files once the host listens, and what takes them away
 * @throws SluiceError `host-runs` when one of them has a host
 */
export const claimHostFile = (stack: string, names: readonly string[] = allFunctions.map(({ name }) => name)) => {
  const container = containerName();
  const own = { ...(refTo(process.pid) as ProcessRef), ...(container === undefined ? {} : { container }) };
  const isOwn = (found: RunningHost | undefined): boolean =>
    found?.identity === own.identity && found.pid === own.pid && found.container === container;
  const rest = beat(names.map((name) => fileOf(stack, name)));
  const remove = (): void => {
    rest();
    for (const name of names) if (isOwn(read(fileOf(stack, name)))) rmSync(fileOf(stack, name), { force: true });
  };
  mkdirSync(dirname(fileOf(stack, "any")), { recursive: true });
  try {
    for (const name of names) claimOne(stack, name, own);
  } catch (fault) {
    remove();
    throw fault;
  }
  return {
    complete: (about: Omit<HostFile, keyof ProcessRef>): void => {
      for (const name of names) {
        const file = fileOf(stack, name);
        renameSync(writeBeside(file, { ...own, ...about }), file);
      }
    },
    remove,
  };
};
