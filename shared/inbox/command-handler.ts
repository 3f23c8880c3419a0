import type { CloudEvent } from "../messaging/cloud-event.ts";
import type { InboundRecord } from "../messaging/record.ts";
import type { Transaction } from "../postgres/queryable.ts";

/** A command whose envelope and data were understood; `data` has passed the schema of its type. */
export type ReceivedCommand = {
  readonly type: string;
  readonly data: unknown;
  readonly event: CloudEvent;
  readonly record: InboundRecord;
};

/** How a command ended in the handler. A refusal is an ordinary end; its event was written in the same transaction. */
export type Effect = { readonly outcome: "applied" } | { readonly outcome: "rejected"; readonly reason: string };

/**
 * Does commands in their order inside the transaction; answers one effect each, in the same order.
 * Throws on a fault: nothing of the transaction stays, and the commands may come again, in smaller company.
 * Transactions of other partitions run beside it: it takes its row locks in one order, or lives with deadlocks that are retried.
 */
export type CommandHandler = (tx: Transaction, commands: readonly ReceivedCommand[]) => Promise<readonly Effect[]>;
