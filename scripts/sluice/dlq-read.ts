import { Option } from "commander";
import type { ListedLetter, RawLetter } from "../../shared/operations/dead-letters/list-letters.ts";
import type { Command } from "./command.ts";
import { duration } from "./duration.ts";
import { type LetterFlags, letterFilter, letterFilters, letterTopic } from "./letter-options.ts";
import { wholeNumber } from "./option-values.ts";
import { type Column, table } from "./table.ts";
import { withCluster } from "./with-cluster.ts";

const columns: readonly Column<ListedLetter>[] = [
  ["PARTITION", ({ partition }) => partition],
  ["OFFSET", ({ offset }) => offset],
  ["AGE", ({ ageSeconds }) => duration(ageSeconds)],
  ["REASON", ({ reason }) => reason],
  ["ORIGIN", ({ origin }) => origin && `${origin.topic}:${origin.partition}:${origin.offset}`],
  ["EVENT-ID", ({ eventId }) => eventId],
  ["TYPE", ({ type }) => type],
  ["KEY", ({ key }) => key],
  ["REPLAYS", ({ replays }) => replays],
];

/** A control character in a header or a value would move the cursor of whoever looks. */
const printable = (text: string | undefined): string =>
  (text ?? "(none)").replace(/\p{Cc}/gu, (each) => JSON.stringify(each).slice(1, -1));

const rawText = ({ topic, partition, offset, headers, key, value }: RawLetter): string =>
  [
    `${topic}:${partition}:${offset}`,
    ...headers.map(([name, each]) => `  ${printable(name)}: ${printable(each)}`),
    `  key: ${printable(key)}`,
    `  value: ${printable(value)}`,
  ].join("\n");

type Flags = LetterFlags & { readonly fromBeginning?: boolean; readonly raw?: boolean; readonly limit: number };

/** Reads by offset, so that no consumer and no committed offset is touched. */
export const command: Command<Flags> = {
  describe: "dead letters, decoded: why, from where, which event, how old",
  effect: "reads",
  options: [
    letterTopic,
    new Option("--from-beginning", "from the oldest on; without it the newest"),
    ...letterFilters,
    new Option("--limit <count>", "so many at the most").argParser(wholeNumber).default(100),
    new Option("--raw", "all headers and the value as they are"),
  ],
  run: async (context) => {
    const { topic, limit, fromBeginning = false, raw = false } = context.flags;
    const now = context.clock();
    const request = { topic, limit, fromBeginning, filter: letterFilter(context), now };
    const list = await import("../../shared/operations/dead-letters/list-letters.ts");
    const letters = await withCluster(context, (reader) => list.listLetters(reader, request));
    if (raw) {
      const all = letters.map((letter) => list.raw(letter, now));
      context.print(all, (each) => each.map(rawText).join("\n\n"));
    } else {
      const all = letters.map((letter) => list.listed(letter, now));
      context.print(all, (each) => table(columns, each));
    }
  },
};
