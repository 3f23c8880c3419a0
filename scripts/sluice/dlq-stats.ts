import { Option } from "commander";
import type { LetterStats } from "../../shared/operations/dead-letters/letter-stats.ts";
import type { Command } from "./command.ts";
import { duration } from "./duration.ts";
import { type Column, table } from "./table.ts";
import { withCluster } from "./with-cluster.ts";
import { withDatabase } from "./with-database.ts";

const columns: readonly Column<LetterStats>[] = [
  ["TOPIC", ({ topic }) => topic],
  ["REASON", ({ reason }) => reason],
  ["TYPE", ({ type }) => type],
  ["RECORDS", ({ records }) => records],
  ["REPLAYED", ({ replayed }) => replayed],
  ["<=1H", ({ hour }) => hour],
  ["<=1D", ({ day }) => day],
  ["<=7D", ({ week }) => week],
  ["OLDER", ({ older }) => older],
  ["OLDEST-OPEN", ({ oldestOpenSeconds }) => duration(oldestOpenSeconds)],
];

type Flags = { readonly topic?: string };

/** A line for each topic, reason and type; a topic without dead letters has none. */
export const command: Command<Flags> = {
  describe: "how many dead letters there are: by reason, type and age, and how many were replayed",
  effect: "reads",
  options: [new Option("--topic <topic>", "this topic; all dead-letter topics when left out")],
  run: async (context) => {
    const { deadLetterRoutes } = await import("../../shared/catalogue/dead-letter-routes.ts");
    const { letterStats } = await import("../../shared/operations/dead-letters/letter-stats.ts");
    const { topic } = context.flags;
    const topics = topic === undefined ? deadLetterRoutes.map((route) => route.deadLetterTopic) : [topic];
    const all: LetterStats[] = [];
    await withDatabase(context, (db) =>
      withCluster(context, async (reader) => {
        for (const each of topics) all.push(...(await letterStats({ reader, db }, each, context.clock())));
      }),
    );
    context.print(all, (stats) => table(columns, stats));
  },
};
