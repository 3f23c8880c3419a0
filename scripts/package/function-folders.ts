import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

export const repository = join(import.meta.dirname, "../..");

const folder = join(repository, "functions");

/** The functions, by their folders: each that has a handler is one package. */
export const functionNames = (): readonly string[] =>
  readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "handler.ts")))
    .sort();

/** The state machines, each beside the function that it drives; relative to the repository. */
export const stateMachineFiles = (): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".asl.json"))
    .map((file) => join("functions", file))
    .sort();
