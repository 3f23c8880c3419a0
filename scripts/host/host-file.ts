import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { stackPaths } from "../stack/paths.ts";
import { isRunning, type ProcessRef, refTo } from "../stack/process-identity.ts";
import type { ControlAddress } from "./control/control-client.ts";

/** What a running host leaves in `.sluice/<stack>/host.json` so that other processes find it. Readable by its owner alone. */
export type HostFile = ProcessRef &
  ControlAddress & { readonly url: string | undefined; readonly functions: readonly string[] };

const fileOf = (stack: string): string => join(stackPaths(stack).state, "host.json");

const read = (file: string): (Partial<HostFile> & ProcessRef) | undefined => {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
};

const claim = (file: string, content: object): boolean => {
  const beside = `${file}.${process.pid}`;
  writeFileSync(beside, `${JSON.stringify(content)}\n`, { mode: 0o600 });
  try {
    linkSync(beside, file); // fails if it exists, and what appears is whole
    return true;
  } catch {
    return false;
  } finally {
    rmSync(beside, { force: true });
  }
};

/** The host that runs for this stack, or undefined. */
export const runningHost = (stack: string): (Partial<HostFile> & ProcessRef) | undefined => {
  const found = read(fileOf(stack));
  return found !== undefined && isRunning(found) ? found : undefined;
};

/**
 * Makes this process the host of the stack.
 * @returns what completes the file once the host listens, and what takes it away
 * @throws SluiceError `host-runs` when there is one
 */
export const claimHostFile = (stack: string) => {
  const file = fileOf(stack);
  mkdirSync(dirname(file), { recursive: true });
  const own = refTo(process.pid) as ProcessRef;
  while (!claim(file, own)) {
    const other = runningHost(stack);
    if (other !== undefined)
      throw new SluiceError(
        "host-runs",
        `a host for stack ${stack} runs already: process ${other.pid}${other.url ? ` at ${other.url}` : ""}`,
        {
          hint: "stop it by Ctrl-C, or start another beside it with `npm start -- --name <other> --port <other>`",
        },
      );
    rmSync(file, { force: true }); // left by one that was killed
  }
  return {
    complete: (about: Omit<HostFile, keyof ProcessRef>): void => {
      rmSync(file, { force: true });
      claim(file, { ...own, ...about });
    },
    remove: (): void => {
      if (read(file)?.identity === own.identity) rmSync(file, { force: true });
    },
  };
};
