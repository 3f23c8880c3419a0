import type { OutboxDescription } from "../../shared/operations/outbox/describe-outbox.ts";
import type { ShardLease } from "../../shared/outbox/shard-leases.ts";
import type { Command } from "./command.ts";
import { duration } from "./duration.ts";
import { type Column, table } from "./table.ts";
import { withDatabase } from "./with-database.ts";

const totals: readonly Column<OutboxDescription>[] = [
  ["PENDING", ({ pending }) => pending],
  ["OLDEST", ({ pending, oldestPendingSeconds }) => (pending === 0 ? undefined : duration(oldestPendingSeconds))],
  ["SENT/S", ({ sentPerSecond }) => sentPerSecond?.toFixed(1)],
  ["PARKED", ({ parked }) => parked],
  ["PAUSED", ({ paused }) => (paused === undefined ? "no" : `since ${paused.pausedAt} by ${paused.actor}`)],
];

const expiry = ({ expiresInMs }: ShardLease): string | undefined => {
  if (expiresInMs === undefined) return undefined;
  return expiresInMs <= 0 ? "expired" : `in ${(expiresInMs / 1000).toFixed(1)}s`;
};

const leases: readonly Column<ShardLease>[] = [
  ["SHARD", ({ shard }) => shard],
  ["HOLDER", ({ owner }) => owner],
  ["EPOCH", ({ epoch }) => epoch],
  ["EXPIRES", expiry],
];

/** The rate is that of the last minute; `-` when there were too many rows to count in two seconds. */
export const command: Command = {
  describe: "what waits in the outbox and for how long, what is parked or paused, and who holds which shard",
  effect: "reads",
  run: async (context) => {
    const { describeOutbox } = await import("../../shared/operations/outbox/describe-outbox.ts");
    const outbox = await withDatabase(context, (db) => describeOutbox(db, "outbox-publisher"));
    context.print(outbox, (it) => `${table(totals, [it])}\n\n${table(leases, it.shards)}`);
  },
};
