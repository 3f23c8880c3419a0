import { join } from "node:path";
import { pythonTools } from "../python/python-tools.ts";
import type { Environment } from "../stack/settings.ts";

/** Where AWS can be had on this machine. */
export type Emulator =
  /** Somebody runs one already: LocalStack, or whatever AWS_ENDPOINT_URL names. */
  | { readonly kind: "given"; readonly endpoint: string }
  /** MiniStack, by the Python that has it. */
  | { readonly kind: "ministack"; readonly python: string }
  | { readonly kind: "none"; readonly why: string };

export type FindOptions = {
  readonly log?: (line: string) => void;
  /** Where it is installed; `.sluice/cache` unless said. */
  readonly cache?: string;
};

/** Installs MiniStack once, if nothing else is given and Python is there. */
export const findEmulator = async (env: Environment, options: FindOptions = {}): Promise<Emulator> => {
  const endpoint = env["AWS_ENDPOINT_URL"];
  if (endpoint !== undefined && endpoint !== "") return { kind: "given", endpoint };
  const requirements = join(import.meta.dirname, "requirements.txt");
  const tools = await pythonTools({ ...options, name: "MiniStack", requirements, env });
  return tools.kind === "none" ? tools : { kind: "ministack", python: join(tools.bin, "python") };
};
