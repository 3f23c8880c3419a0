import { SluiceError } from "../messaging/sluice-error.ts";
import type { Database, Transaction } from "../postgres/queryable.ts";
import { claimEvents } from "./claim-events.ts";
import type { CommandHandler, Effect, ReceivedCommand } from "./command-handler.ts";

/** How a command ended in the database. */
export type CommandEnd = Effect | { readonly outcome: "duplicate" };

export type DoOptions = {
  readonly db: Pick<Database, "transaction">;
  /** The name under which the inbox knows this consumer. Never changed: under another one all that it has done is new. */
  readonly consumer: string;
  readonly handle: CommandHandler;
};

const duplicate = { outcome: "duplicate" } as const;

/** PostgreSQL answers ids in small letters, whatever they were given in. */
const idOf = ({ event }: ReceivedCommand): string => event.id.toLowerCase();

const handleAll = async (
  tx: Transaction,
  handle: CommandHandler,
  commands: readonly ReceivedCommand[],
): Promise<readonly Effect[]> => {
  const effects = await handle(tx, commands);
  if (effects.length === commands.length) return effects;
  throw new SluiceError(
    "wrong-effects",
    `the handler answered ${effects.length} effects to ${commands.length} commands`,
  );
};

/**
 * Does commands in one transaction, inbox rows and effects together; answers their ends in the same order.
 * Those that the inbox knows are left out. After a commit whose answer was lost, the next try finds them all known.
 */
export const doCommands = (
  { db, consumer, handle }: DoOptions,
  commands: readonly ReceivedCommand[],
): Promise<readonly CommandEnd[]> =>
  db.transaction(async (tx) => {
    const fresh = await claimEvents(tx, consumer, commands.map(idOf));
    // The first of an id takes it, so that a repeat in the same transaction is a duplicate.
    const isFresh = commands.map((command) => fresh.delete(idOf(command)));
    const wanted = commands.filter((_, index) => isFresh[index]);
    const effects = wanted.length === 0 ? [] : await handleAll(tx, handle, wanted);
    let next = 0;
    return isFresh.map((one) => (one ? (effects[next++] as Effect) : duplicate));
  });
