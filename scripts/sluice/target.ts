import type { MappingControl } from "../../shared/operations/rewind/mapping-control.ts";
import type { PartName } from "../stack/part.ts";

const LOCAL = "local";

export const isLocal = (stage: string): boolean => stage === LOCAL;

/** Who keeps to a pause, in words that follow the fact: `host 4711 keeps to it`. */
export type Keeper = { readonly host?: number | undefined; readonly said: string };

/**
 * The port to the system that a command is about: this machine's, or the stage that the command runs in. What is behind it, the local
 * stack and its host for instance, no command imports.
 */
export type Target = {
  /** Where a part is. Throws SluiceError `no-stack` when nobody gave it and it does not run here. */
  readonly address: (part: PartName) => Promise<string>;
  /** What invokes the consumers. */
  readonly mapping: MappingControl;
  /**
   * Has a function do one round: the publisher drains, a consumer catches up.
   * @returns what it answered, in JSON
   */
  readonly invoke: (functionName: string) => Promise<string>;
  /** Makes sure that a pause, which is a row already, is kept to from now on; or its end. */
  readonly keepPause: (functionName: string, paused: boolean) => Promise<Keeper>;
  /** Throws SluiceError `usage` when it cannot be read. */
  readonly readFile: (file: string) => string;
};
