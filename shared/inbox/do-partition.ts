import { isRetriable, SluiceError } from "../messaging/sluice-error.ts";
import type { Log } from "../observability/logger.ts";
import { recordFields } from "../observability/record-fields.ts";
import { isFaultOfData, sqlState } from "../postgres/fault.ts";
import type { CommandEntry } from "./decode-commands.ts";
import { type CommandEnd, type DoOptions, doCommands } from "./do-commands.ts";
import { type TryAgainOptions, tryAgain } from "./try-again.ts";

/** `failed`: a fault that a later try may not meet. `poison`: one that every try would meet. */
export type EntryEnd =
  | CommandEnd
  | { readonly outcome: "failed"; readonly fault: unknown }
  | { readonly outcome: "poison"; readonly fault: SluiceError };

export type PartitionOptions = DoOptions &
  Omit<TryAgainOptions, "onFault"> & {
    /** How many commands share a transaction at the most. */
    readonly commandsPerTransaction: number;
    readonly log: Log;
  };

export type Ends = Map<CommandEntry, EntryEnd>;

const doAgain = (entries: readonly CommandEntry[], options: PartitionOptions): Promise<readonly CommandEnd[]> =>
  tryAgain(
    () =>
      doCommands(
        options,
        entries.map(({ command }) => command),
      ),
    {
      ...options,
      onFault: (fault, tries) =>
        options.log.warn("commands are tried again", { commands: entries.length, tries, why: String(fault) }),
    },
  );

const toPoison = (fault: unknown): SluiceError =>
  fault instanceof SluiceError
    ? fault
    : new SluiceError("command-failed", String((fault as Error)?.message ?? fault), { cause: fault });

/** What a later try may not meet, once somebody has mended the database: poison would give each command up meanwhile. */
const mayPass = (fault: unknown): boolean =>
  isRetriable(fault) || (sqlState(fault) !== undefined && !isFaultOfData(fault));

const doAlone = async (entry: CommandEntry, options: PartitionOptions): Promise<EntryEnd> => {
  try {
    const [end] = await doAgain([entry], options);
    return end as CommandEnd;
  } catch (fault) {
    return mayPass(fault) ? { outcome: "failed", fault } : { outcome: "poison", fault: toPoison(fault) };
  }
};

/** Each in a transaction of its own, so that a command that fails takes none with it. Stops at one that has to come again. */
const doOneByOne = async (chunk: readonly CommandEntry[], options: PartitionOptions, ends: Ends): Promise<boolean> => {
  for (const entry of chunk) {
    const end = await doAlone(entry, options);
    ends.set(entry, end);
    if (end.outcome === "failed") return false;
  }
  return true;
};

/** Answers whether the partition may go on. */
const doChunk = async (chunk: readonly CommandEntry[], options: PartitionOptions, ends: Ends): Promise<boolean> => {
  if (chunk.length === 1) return doOneByOne(chunk, options, ends);
  try {
    const results = await doAgain(chunk, options);
    chunk.forEach((entry, index) => {
      ends.set(entry, results[index] as CommandEnd);
    });
    return true;
  } catch (fault) {
    const first = recordFields((chunk[0] as CommandEntry).record, undefined);
    options.log.warn("commands are redone one by one", { commands: chunk.length, ...first, why: String(fault) });
    return doOneByOne(chunk, options, ends);
  }
};

/**
 * Does the commands of one partition in their order, some in each transaction, and notes their ends. Those after one that `failed`
 * have none: done before it they would be out of order. Never throws for a fault of a command or of the database.
 */
export const doPartition = async (
  entries: readonly CommandEntry[],
  options: PartitionOptions,
  ends: Ends,
): Promise<void> => {
  const size = options.commandsPerTransaction;
  for (let from = 0; from < entries.length; from += size)
    if (!(await doChunk(entries.slice(from, from + size), options, ends))) return;
};
