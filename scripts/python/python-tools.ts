import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { sharedCache } from "../stack/paths.ts";
import type { Environment } from "../stack/settings.ts";

/** Programs from PyPI in a venv of their own, or why they are missing. */
export type PythonTools =
  | { readonly kind: "ready"; readonly bin: string }
  | { readonly kind: "none"; readonly why: string };

export type PythonToolsOptions = {
  /** Names the folder and the tools in messages. */
  readonly name: string;
  /** A requirements.txt with exact versions. */
  readonly requirements: string;
  readonly env: Environment;
  readonly log?: (line: string) => void;
  /** Where they are installed; `.sluice/cache` unless said. */
  readonly cache?: string;
};

const run = promisify(execFile);

/** A folder a set of versions, so that a new one is installed beside the old. */
const folderOf = ({ name, requirements, cache = sharedCache }: PythonToolsOptions): string => {
  const hash = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  return join(cache, `${name.toLowerCase()}-${hash}`);
};

/** The last line of what a program said: pip and venv tell the reason there. */
const reasonOf = (fault: unknown): string => {
  const { stderr = "", message, killed } = fault as Error & { stderr?: string; killed?: boolean };
  if (killed) return "it took too long";
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("[notice]"));
  return (lines.at(-1) ?? message.split("\n")[0] ?? "").trim();
};

type Step = { readonly command: string; readonly args: readonly string[]; readonly failure: string };

/** Made beside and renamed when whole: a venv's own Python knows its folder by where it lies. */
const install = async (
  folder: string,
  { name, requirements, env }: PythonToolsOptions,
): Promise<string | undefined> => {
  const making = `${folder}.${process.pid}`;
  const pip = ["-m", "pip", "install", "--quiet", "--no-input", "--no-compile", "--disable-pip-version-check"];
  const steps: readonly Step[] = [
    { command: "python3", args: ["--version"], failure: "there is no python3" },
    { command: "python3", args: ["-m", "venv", making], failure: "python3 cannot make a venv" },
    {
      command: join(making, "bin", "python"),
      args: [...pip, "--retries", "1", "--timeout", "15", "--requirement", requirements],
      failure: `${name} cannot be installed from PyPI`,
    },
  ];
  mkdirSync(dirname(folder), { recursive: true });
  try {
    for (const { command, args, failure } of steps)
      try {
        await run(command, args, { env, timeout: 600_000 });
      } catch (fault) {
        return `${failure}: ${reasonOf(fault)}`;
      }
    if (!existsSync(folder)) renameSync(making, folder);
    return undefined;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
};

/** Installs them once, if Python is there. */
export const pythonTools = async (options: PythonToolsOptions): Promise<PythonTools> => {
  const folder = folderOf(options);
  const bin = join(folder, "bin");
  if (existsSync(join(bin, "python"))) return { kind: "ready", bin };
  options.log?.(`${options.name} is installed from PyPI, once`);
  const why = await install(folder, options);
  return why === undefined ? { kind: "ready", bin } : { kind: "none", why };
};
