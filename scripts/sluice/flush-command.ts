import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { RelayReport } from "../../shared/outbox/relay-task.ts";
import { actorOf } from "./actor.ts";
import type { Command } from "./command.ts";
import { refusePaused } from "./refuse-paused.ts";
import { type Column, table } from "./table.ts";
import { withDatabase } from "./with-database.ts";

const publisher = "outbox-publisher";

const columns: readonly Column<RelayReport>[] = [
  ["ENDED", ({ ended }) => ended],
  ["SENT", ({ sent }) => sent],
  ["PARKED", ({ parked }) => parked],
  ["FAILED", ({ failed }) => failed],
  ["BATCHES", ({ batches }) => batches],
  ["MILLISECONDS", ({ milliseconds }) => milliseconds],
];

const notDrained = ({ sent }: RelayReport): SluiceError =>
  new SluiceError("not-drained", "the run's time was over before the outbox was empty", {
    hint: sent > 0 ? "run it again: what was sent is marked" : "`sluice outbox status`, and is Kafka up?",
  });

/**
 * One core under two names: ours, and the old one. Publishers that run share the shards with it, so it is safe at any time.
 * Log lines go to standard error.
 */
export const flushCommand = (operation: string, describe: string): Command => ({
  describe,
  effect: "acts",
  run: async (context) => {
    const { env, target } = context;
    const { audited } = await import("../../shared/operations/audit/audited.ts");
    const { outboxStatus } = await import("../../shared/outbox/outbox-status.ts");
    const about = { actor: actorOf(env), operation, target: publisher };
    await withDatabase(context, async (db) => {
      const before = await outboxStatus(db);
      await audited(db, { ...about, before }, async (audit) => {
        await refusePaused(db, publisher, "sluice outbox resume");
        const answer = await target.invoke(publisher);
        const report: RelayReport = JSON.parse(answer);
        audit.after({ ...(await outboxStatus(db)), report });
        context.print(report, (it) => table(columns, [it]));
        if (report.ended !== "drained") throw notDrained(report);
      });
    });
  },
});
