import type { Clock } from "../../messaging/clock.ts";
import { auditedTransaction } from "../../operations/audit/audited-transaction.ts";
import { appendToOutbox } from "../../outbox/append-to-outbox.ts";
import type { Database, Queryable } from "../../postgres/queryable.ts";
import { commandRetentionMs } from "../commands/command-retention.ts";
import { productCommandGroup } from "../groups.ts";
import { toOutboxMessage } from "../to-outbox-message.ts";
import { findOrphanHolds, type OrphanHold } from "./orphan-holds.ts";
import { raiseVersions, versionsToRaise } from "./raise-versions.ts";
import { type CommandsOf, countUndoneCommands, resendUndoneCommands } from "./undone-commands.ts";

/** What stands between a database that was put back to an earlier time and topics, indexes and consumers that were not. */
export type RestoreFence = {
  readonly products: number;
  readonly reservations: number;
  /** Every version is raised to this at the least. */
  readonly versionsFrom: number;
  /** Sent before the point of the restore, done after it: sent again. */
  readonly undoneCommands: number;
  /** Released. */
  readonly orphanHolds: readonly OrphanHold[];
};

const commands: CommandsOf = { consumer: productCommandGroup.groupId, retentionMs: commandRetentionMs };

/** What the fence would do. Changes nothing. */
export const planFence = async (db: Queryable): Promise<RestoreFence> => ({
  ...(await versionsToRaise(db)),
  undoneCommands: await countUndoneCommands(db, commands),
  orphanHolds: await findOrphanHolds(db),
});

const releases = (holds: readonly OrphanHold[], clock: Clock) =>
  holds.map(({ productId: id, reservationId, line }) =>
    toOutboxMessage(
      { type: "product.release-stock", aggregateType: "product", data: { id, reservationId, line } },
      {},
      clock,
    ),
  );

/**
 * Raises every version above what anybody can have seen, has undone commands sent again, and releases what is held for nobody, in one
 * transaction with its row of the audit. Done twice, it finds less to do and does no harm.
 */
export const fenceRestore = (
  db: Database,
  { actor, reason, clock }: { readonly actor: string; readonly reason?: string | undefined; readonly clock: Clock },
): Promise<RestoreFence> =>
  auditedTransaction(db, { actor, operation: "restore fence", target: "database", reason }, async (tx, audit) => {
    const fence = await planFence(tx);
    audit.after(fence);
    await raiseVersions(tx);
    await resendUndoneCommands(tx, commands);
    appendToOutbox(tx, releases(fence.orphanHolds, clock));
    return fence;
  });
