import { hostname } from "node:os";
import { Option } from "commander";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { DeadLetterRoute } from "../../shared/operations/dead-letters/dead-letter-route.ts";
import { type ReplayReport, refusedCount } from "../../shared/operations/dead-letters/replay-report.ts";
import { actorOf } from "./actor.ts";
import type { Command, Context } from "./command.ts";
import { type LetterFlags, letterFilter, letterFilters, letterTopic } from "./letter-options.ts";
import { wholeNumber } from "./option-values.ts";
import { type Column, table } from "./table.ts";
import { withCluster } from "./with-cluster.ts";
import { withDatabase } from "./with-database.ts";
import { withPublisher } from "./with-publisher.ts";

export type ReplayLettersFlags = LetterFlags & {
  readonly target: string;
  readonly rate?: number;
  readonly max?: number;
};
type Flags = ReplayLettersFlags;

const EVERY_MS = 1_000;

const columns: readonly Column<ReplayReport>[] = [
  ["TOPIC", ({ topic }) => topic],
  ["TARGET", ({ target }) => target],
  ["HELD", ({ held }) => held],
  ["READ", ({ read }) => read],
  ["MATCHED", ({ matched }) => matched],
  ["REPLAYED", ({ replayed }) => replayed],
  ["ALREADY-REPLAYED", ({ alreadyReplayed }) => alreadyReplayed],
  ["REFUSED", (report) => refusedCount(report)],
  ["ENDED", ({ ended }) => ended],
];

export const replayText = (report: ReplayReport): string => {
  const result = table(columns, [report]);
  return report.executed ? result : `${result}\ndry run: REPLAYED tells what would be sent; --execute sends it`;
};

const routeOf = async (topic: string): Promise<DeadLetterRoute> => {
  const { deadLetterRoutes } = await import("../../shared/catalogue/dead-letter-routes.ts");
  const found = deadLetterRoutes.find(({ deadLetterTopic }) => deadLetterTopic === topic);
  if (found !== undefined) return found;
  const names = deadLetterRoutes.map(({ deadLetterTopic }) => deadLetterTopic).join(", ");
  throw new SluiceError("unknown-topic", `${topic} is no dead-letter topic`, { hint: `there are: ${names}` });
};

/** At the most once a second, on standard error. */
const progress = ({ clock, err }: Pick<Context, "clock" | "err">): ((soFar: ReplayReport) => void) => {
  let told = clock();
  return ({ held, read, replayed }) => {
    if (clock() - told < EVERY_MS) return;
    told = clock();
    err(`dlq replay: ${read} of ${held} read, ${replayed} replayed\n`);
  };
};

/** What is not as was asked for is told by the exit code, too; the result is printed before. */
export const judgeReplay = (report: ReplayReport): void => {
  if (report.ended === "interrupted")
    throw new SluiceError("interrupted", `stopped after ${report.read} of ${report.held} records`, {
      hint: "run it again: what was replayed is in the ledger, and the rest follows",
    });
  if (refusedCount(report) === 0) return;
  const reasons = Object.entries(report.refused).map(([reason, count]) => `${reason} ${count}`);
  throw new SluiceError("records-refused", `${refusedCount(report)} records were refused: ${reasons.join(", ")}`, {
    hint: "they stay where they are: `sluice dlq read` shows them; nothing forces them",
  });
};

/** A dry run reads and counts alike, and writes nothing. */
export const command: Command<Flags> = {
  describe: "sends dead letters back to the topic that they came from, each once",
  effect: "plans",
  options: [
    letterTopic,
    new Option("--target <topic>", "where they came from, e.g. product.events").makeOptionMandatory(),
    ...letterFilters,
    new Option("--rate <count>", "records a second; full speed when left out").argParser(wholeNumber),
    new Option("--max <count>", "so many at the most").argParser(wholeNumber),
  ],
  run: async (context) => {
    const { flags, clock, env, execute } = context;
    const { target, rate, max } = flags;
    const about = { route: await routeOf(flags.topic), filter: letterFilter(context), target, rate, max, execute };
    const who = { actor: actorOf(env), owner: `${hostname()}:${process.pid}` };
    const { runReplay } = await import("../../shared/operations/dead-letters/run-replay.ts");
    const request = { ...about, ...who, signal: context.signal(), onPage: progress(context) };
    const report = await withDatabase(context, (db) =>
      withCluster(context, (reader) =>
        withPublisher(context, (publisher) => runReplay({ db, reader, publisher, clock }, request)),
      ),
    );
    context.print(report, replayText);
    judgeReplay(report);
  },
};
