import type { Option } from "commander";
import type { Clock } from "../../shared/messaging/clock.ts";
import type { PartName } from "../stack/part.ts";
import type { Environment } from "../stack/settings.ts";
import type { Target } from "./target.ts";

/**
 * What a command does to the system.
 *
 * - `reads`: nothing.
 * - `acts`: changes something at once (flush, pause, one-shot runs).
 * - `plans`: says what it would change, and changes it with `--execute` only (rewind, rebuild, redrive, unpark, skip).
 */
export type Effect = "reads" | "acts" | "plans";

/** Takes text as it is: line ends are the writer's. */
export type Write = (text: string) => void;

/** What a command is given. */
export type Context<Flags = object> = {
  /** By the names that commander makes of the options: `--to-offset` is `toOffset`. */
  readonly flags: Flags;
  /** Those that the command's `args` name, in order. */
  readonly args: readonly string[];
  /** False for a dry run; always true for a command that acts, false for one that reads, unless its flags have it act. */
  readonly execute: boolean;
  readonly json: boolean;
  /** Whether somebody watches: standard output is a terminal. */
  readonly isTty: boolean;
  readonly env: Environment;
  readonly clock: Clock;
  readonly out: Write;
  /** For progress and notes: standard output holds the result alone. */
  readonly err: Write;
  /** The system that it is about. */
  readonly target: Target;
  /** The target's. */
  readonly address: (part: PartName) => Promise<string>;
  /** Prints the result: as one JSON document with `--json`, else as `text` makes it. A line end is added. */
  readonly print: <Result>(result: Result, text: (result: Result) => string) => void;
  /** From the call on Ctrl-C does not end the process but this signal; a second Ctrl-C ends it. */
  readonly signal: () => AbortSignal;
};

/**
 * One command of the tool. Its file is read for `--help`, too: what is heavy (kafkajs, pg) is imported in `run`.
 * What goes wrong is thrown as SluiceError; `exit-codes.ts` says which codes end with 1, 2 or 3.
 */
export type Command<Flags = object> = {
  /** One line, for the list of commands. */
  readonly describe: string;
  readonly effect: Effect;
  /** Of a command that reads: whether these flags have it change something at once. */
  acts?(flags: Flags): boolean;
  /** As commander writes them: `<id>`, `[name]`, `<file...>`. None unless said. */
  readonly args?: readonly string[];
  readonly options?: readonly Option[];
  /** The files that its options name: where a command runs elsewhere they are read before. */
  files?(flags: Flags): readonly string[];
  run(context: Context<Flags>): Promise<void>;
};

/** A command's file, read when it is asked for. */
export type CommandFile = () => Promise<{ readonly command: Command }>;
