import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";

/** The folder of this clone. */
export const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Downloaded jars, used by all stacks of this clone. */
export const sharedCache = resolve(repository, ".sluice", "cache");

/** Where a stack keeps its state. Everything is under one ignored folder; the jars are shared by all stacks of a clone. */
export type StackPaths = {
  readonly name: string;
  readonly repository: string;
  readonly state: string;
  readonly stateFile: string;
  readonly lockFile: string;
  readonly cache: string;
};

/** @throws SluiceError `bad-name` for a name that cannot be a folder's and a compose project's. */
export const stackPaths = (name: string): StackPaths => {
  if (!/^[a-z0-9][a-z0-9_-]{0,30}$/.test(name) || name === "cache") {
    throw new SluiceError("bad-name", `"${name}" cannot be the name of a stack`, {
      hint: "use up to 31 lower-case letters, digits, - and _, beginning with a letter or digit, and not `cache`",
    });
  }
  const state = resolve(repository, ".sluice", name);
  return {
    name,
    repository,
    state,
    stateFile: join(state, "state.json"),
    lockFile: resolve(repository, ".sluice", `${name}.lock`),
    cache: sharedCache,
  };
};
