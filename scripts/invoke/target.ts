import { basename, dirname } from "node:path";
import { stateMachineFiles } from "../package/function-folders.ts";

/** What a name stands for. */
export type InvokeTarget =
  | { readonly kind: "function"; readonly name: string }
  /** `name` is also that of the function that its tasks call. */
  | { readonly kind: "machine"; readonly name: string; readonly file: string };

const PREFIX = "functions/";

/** A state machine goes before the function of the same name; that one alone is `functions/NAME`. */
export const targetOf = (name: string): InvokeTarget => {
  if (name.startsWith(PREFIX)) return { kind: "function", name: name.slice(PREFIX.length) };
  const file = stateMachineFiles().find((each) => basename(each, ".asl.json") === name);
  return file === undefined ? { kind: "function", name } : { kind: "machine", name: basename(dirname(file)), file };
};
