import { actorOf } from "./actor.ts";
import type { Command } from "./command.ts";
import { refusePaused } from "./refuse-paused.ts";
import { type Column, table } from "./table.ts";
import { withDatabase } from "./with-database.ts";

/** As `npm run invoke` answers: how many records in how many batches, and what became of them, a count for each outcome. */
type Report = { readonly function: string } & Readonly<Record<string, number | string>>;

const heading = (count: string): string => count.replaceAll(/[A-Z]/g, (letter) => `-${letter}`).toUpperCase();

const reportTable = (report: Report): string => {
  const counts = Object.keys(report).filter((name) => name !== "function");
  return table(
    counts.map((count): Column<Report> => [heading(count), (it) => it[count]]),
    [report],
  );
};

/**
 * Consumes in the function's own group from what is committed to what is in the topic now; a running host's mapping is held
 * meanwhile and put back, however this process ends. Log lines go to standard error.
 */
export const runConsumerCommand = (
  operation: string,
  { functionName, describe }: { readonly functionName: string; readonly describe: string },
): Command => ({
  describe,
  effect: "acts",
  run: async (context) => {
    const { env, target } = context;
    const { audited } = await import("../../shared/operations/audit/audited.ts");
    const { consumerGroups } = await import("../../shared/catalogue/groups.ts");
    const group = consumerGroups.groups.find((each) => each.functionName === functionName)?.groupId as string;
    await withDatabase(context, (db) =>
      audited(db, { actor: actorOf(env), operation, target: group }, async (audit) => {
        await refusePaused(db, functionName, `sluice groups resume --group ${group}`);
        const report: Report = JSON.parse(await target.invoke(functionName));
        audit.after(report);
        context.print(report, reportTable);
      }),
    );
  },
});
