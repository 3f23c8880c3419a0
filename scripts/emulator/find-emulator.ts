import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { pythonTools } from "../python/python-tools.ts";
import type { Environment } from "../stack/settings.ts";

/** LocalStack's Python, or why it is missing. */
export type Localstack =
  | { readonly kind: "localstack"; readonly python: string }
  | { readonly kind: "none"; readonly why: string };

/** Where AWS can be had on this machine. */
export type Emulator =
  /** Somebody runs one already: whatever AWS_ENDPOINT_URL names. */
  | { readonly kind: "given"; readonly endpoint: string }
  /** MiniStack, by the Python that has it; LocalStack for what that one does better. */
  | { readonly kind: "ministack"; readonly python: string; readonly localstack: Localstack }
  | { readonly kind: "none"; readonly why: string };

export type FindOptions = {
  readonly log?: (line: string) => void;
  /** Where it is installed; `.sluice/cache` unless said. */
  readonly cache?: string;
};

const files = {
  MiniStack: join(import.meta.dirname, "requirements.txt"),
  LocalStack: join(import.meta.dirname, "localstack-requirements.txt"),
} as const;

const pythonWith = async (name: keyof typeof files, env: Environment, options: FindOptions) => {
  const tools = await pythonTools({ ...options, name, requirements: files[name], env });
  return tools.kind === "none" ? tools : { kind: "python" as const, python: join(tools.bin, "python") };
};

/** Installs MiniStack and LocalStack once, if nothing else is given and Python is there. */
export const findEmulator = async (env: Environment, options: FindOptions = {}): Promise<Emulator> => {
  const endpoint = env["AWS_ENDPOINT_URL"];
  if (endpoint !== undefined && endpoint !== "") return { kind: "given", endpoint };
  const ministack = await pythonWith("MiniStack", env, options);
  if (ministack.kind === "none") return ministack;
  const found = await pythonWith("LocalStack", env, options);
  const localstack = found.kind === "none" ? found : { ...found, kind: "localstack" as const };
  return { kind: "ministack", python: ministack.python, localstack };
};

/**
 * The Python that has LocalStack.
 * @throws SluiceError `no-localstack`, with the reason
 */
export const requireLocalstack = (emulator: Emulator): string => {
  if (emulator.kind === "ministack" && emulator.localstack.kind === "localstack") return emulator.localstack.python;
  const hint = "LocalStack is installed from PyPI into .sluice/cache; unset AWS_ENDPOINT_URL, and see to Python 3";
  if (emulator.kind === "given")
    throw new SluiceError("no-localstack", `LocalStack is not installed: AWS is at ${emulator.endpoint}`, { hint });
  const { why } = emulator.kind === "none" ? emulator : (emulator.localstack as { readonly why: string });
  throw new SluiceError("no-localstack", `LocalStack is not installed: ${why}`, { hint });
};

const versionOf = (name: keyof typeof files, distribution: string): string => {
  const [, version] = new RegExp(`^${distribution}==(.+)$`, "m").exec(readFileSync(files[name], "utf8")) ?? [];
  return `${name} ${version}`;
};

/** Which emulator runs what, in one line. */
export const whatRunsWhere = (emulator: Emulator): string => {
  if (emulator.kind === "none") return `no emulator: ${emulator.why}`;
  if (emulator.kind === "given") return `emulator: all of AWS is at ${emulator.endpoint}, as AWS_ENDPOINT_URL says`;
  const ministack = versionOf("MiniStack", "ministack");
  const { localstack } = emulator;
  if (localstack.kind === "none") return `emulator: all of AWS by ${ministack}; LocalStack skipped: ${localstack.why}`;
  const by = `Step Functions and SSM by ${versionOf("LocalStack", "localstack-core")}`;
  return `emulator: Lambda, schedules and the HTTP API by ${ministack}; ${by}`;
};
