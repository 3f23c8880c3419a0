import type { CommandHandler, Effect, ReceivedCommand } from "../../inbox/command-handler.ts";
import type { Trace } from "../../messaging/cloud-event.ts";
import type { OutboxMessage } from "../../outbox/outbox-message.ts";
import type { Transaction } from "../../postgres/queryable.ts";
import type { ProductWriteParts } from "../change-product.ts";
import { type Told, toOutboxMessage } from "../to-outbox-message.ts";
import { type Command, isEdit, isOfReservation, isOfStock, toCommand } from "./command.ts";
import { doEdit } from "./do-edit.ts";
import type { Done, Refusal } from "./done.ts";
import { startReservationWork } from "./reservation-work.ts";
import { startStockWork } from "./stock-work.ts";

type Read = { readonly command: Command; readonly received: ReceivedCommand };

/** What a message that follows from a command says of where it comes from. */
const traceOf = ({ event }: ReceivedCommand): Trace => ({
  traceparent: event.traceparent,
  correlationId: event.correlationId,
  causationId: event.id,
});

/** The event that tells of a refusal. */
const rejectionOf = ({ command, received }: Read, { reason, detail }: Refusal): Told => {
  const data = { id: command.id, command: received.event.id, reason, detail };
  const aggregateType = isOfReservation(command) ? "reservation" : "product";
  return { type: `${command.type}-rejected`, aggregateType, data };
};

const messagesOf = (read: Read, done: Done, { clock }: ProductWriteParts): readonly OutboxMessage[] => {
  const told = done.refusal === undefined ? done.told : [...done.told, rejectionOf(read, done.refusal)];
  return told.map((each) => toOutboxMessage(each, traceOf(read.received), clock));
};

const effectOf = ({ refusal }: Done): Effect =>
  refusal === undefined ? { outcome: "applied" } : { outcome: "rejected", reason: refusal.reason };

/**
 * Does commands on stock and reservations by sets: each row is locked, read and written once, however many commands are on it.
 * Products are locked before reservations, and both in the order of their ids, so that no two consumers deadlock.
 */
const doBySets = async (tx: Transaction, reads: readonly Read[], { clock }: ProductWriteParts) => {
  const commands = reads.map(({ command }) => command);
  const [stock, reservations] = await Promise.all([
    startStockWork(tx, commands.filter(isOfStock)),
    startReservationWork(tx, commands.filter(isOfReservation)),
  ]);
  const now = new Date(clock()).toISOString();
  const done = commands.map((command) =>
    isOfReservation(command) ? reservations.do(command, now) : stock.do(command as never, now),
  );
  stock.write(tx);
  reservations.write(tx);
  return done;
};

/** Runs of commands that can be done by sets; an edit is a run of its own. */
const runsOf = (reads: readonly Read[]): readonly (readonly Read[])[] => {
  const runs: Read[][] = [];
  let edited = true;
  for (const read of reads) {
    const edit = isEdit(read.command);
    if (edit || edited) runs.push([read]);
    else runs.at(-1)?.push(read);
    edited = edit;
  }
  return runs;
};

const doRun = async (tx: Transaction, run: readonly Read[], parts: ProductWriteParts): Promise<readonly Done[]> => {
  const [{ command, received }] = run as readonly [Read];
  return isEdit(command) ? [await doEdit(tx, command, traceOf(received), parts)] : doBySets(tx, run, parts);
};

/** Does the catalogue's commands: one implementation with the API's for what both can do. A refusal is an event, and no fault. */
export const createCommandHandler =
  (parts: ProductWriteParts): CommandHandler =>
  async (tx, received) => {
    const reads = received.map((each) => ({ command: toCommand(each), received: each }));
    const effects: Effect[] = [];
    for (const run of runsOf(reads)) {
      const done = await doRun(tx, run, parts);
      const messages = run.flatMap((read, index) => messagesOf(read, done[index] as Done, parts));
      await parts.appendToOutbox(tx, messages);
      effects.push(...done.map(effectOf));
    }
    return effects;
  };
