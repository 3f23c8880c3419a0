import { lockProducts } from "../../../shared/catalogue/commands/lock-products.ts";
import { findHolds, holdKey, putHolds } from "../../../shared/catalogue/commands/stock-holds.ts";
import { updateStock } from "../../../shared/catalogue/commands/update-stock.ts";
import { decideStock, type ReserveStock } from "../../../shared/domain/products/stock-decision.ts";
import { partitionOf } from "../../../shared/kafka/partitioner.ts";
import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import type { Database } from "../../../shared/postgres/queryable.ts";

/** The same decision and SQL for one command, in a transaction of its own: no inbox, no outbox, nothing told. */
const reserve = (db: Database, command: ReserveStock): Promise<void> =>
  db.transaction(async (tx) => {
    const [found, holds] = await Promise.all([lockProducts(tx, [command.id]), findHolds(tx, [command])]);
    const now = new Date().toISOString();
    const decision = decideStock(command, found.get(command.id), holds.get(holdKey(command)), now);
    if (decision.outcome !== "accepted" || decision.hold === undefined)
      throw new SluiceError("bench-failed", `a ${command.type} was refused`);
    updateStock(
      tx,
      decision.events.map(({ data }) => data),
    );
    putHolds(tx, [decision.hold]);
  });

/** Commands/s of a plain loop over each partition's commands, each loop on a connection of its own. */
export const rawLoop = async (db: Database, commands: readonly ReserveStock[], partitions: number): Promise<number> => {
  const byPartition = Map.groupBy(commands, ({ id }) => partitionOf(id, partitions));
  const began = performance.now();
  await Promise.all(
    [...byPartition.values()].map(async (own) => {
      for (const command of own) await reserve(db, command);
    }),
  );
  return (commands.length * 1000) / (performance.now() - began);
};
