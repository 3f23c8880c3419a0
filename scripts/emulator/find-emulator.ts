import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { sharedCache } from "../stack/paths.ts";
import type { Environment } from "../stack/settings.ts";

/** Where AWS can be had on this machine. */
export type Emulator =
  /** Somebody runs one already: LocalStack, or whatever AWS_ENDPOINT_URL names. */
  | { readonly kind: "given"; readonly endpoint: string }
  /** MiniStack, by the Python that has it. */
  | { readonly kind: "ministack"; readonly python: string }
  | { readonly kind: "none"; readonly why: string };

const run = promisify(execFile);

const requirements = join(import.meta.dirname, "requirements.txt");

/** A folder a set of versions, so that a new one is installed beside the old. */
const venvFolder = (cache: string): string => {
  const hash = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  return join(cache, `ministack-${hash}`);
};

const pythonOf = (folder: string): string => join(folder, "bin", "python");

/** The last line of what a program said: pip and venv tell the reason there. */
const reasonOf = (fault: unknown): string => {
  const { stderr = "", message, killed } = fault as Error & { stderr?: string; killed?: boolean };
  if (killed) return "it took too long";
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("[notice]"));
  return (lines.at(-1) ?? message.split("\n")[0] ?? "").trim();
};

type Step = { readonly command: string; readonly args: readonly string[]; readonly failure: string };

/** Made beside and renamed when whole: a venv's own Python knows its folder by where it lies. */
const install = async (folder: string, env: Environment): Promise<string | undefined> => {
  const making = `${folder}.${process.pid}`;
  const pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"];
  const steps: readonly Step[] = [
    { command: "python3", args: ["--version"], failure: "there is no python3" },
    { command: "python3", args: ["-m", "venv", making], failure: "python3 cannot make a venv" },
    {
      command: pythonOf(making),
      args: [...pip, "--retries", "1", "--timeout", "15", "--requirement", requirements],
      failure: "MiniStack cannot be installed from PyPI",
    },
  ];
  mkdirSync(dirname(folder), { recursive: true });
  try {
    for (const { command, args, failure } of steps)
      try {
        await run(command, args, { env, timeout: 180_000 });
      } catch (fault) {
        return `${failure}: ${reasonOf(fault)}`;
      }
    if (!existsSync(folder)) renameSync(making, folder);
    return undefined;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
};

export type FindOptions = {
  readonly log?: (line: string) => void;
  /** Where it is installed; `.sluice/cache` unless said. */
  readonly cache?: string;
};

/** Installs MiniStack once, if nothing else is given and Python is there. */
export const findEmulator = async (
  env: Environment,
  { log = () => {}, cache = sharedCache }: FindOptions = {},
): Promise<Emulator> => {
  const endpoint = env["AWS_ENDPOINT_URL"];
  if (endpoint !== undefined && endpoint !== "") return { kind: "given", endpoint };
  const folder = venvFolder(cache);
  if (!existsSync(pythonOf(folder))) {
    log("MiniStack is installed from PyPI, once");
    const why = await install(folder, env);
    if (why !== undefined) return { kind: "none", why };
  }
  return { kind: "ministack", python: pythonOf(folder) };
};
