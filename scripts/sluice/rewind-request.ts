import { InvalidArgumentError, Option } from "commander";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { parseTopic } from "../../shared/operations/rewind/parse-topics.ts";
import { readPositions } from "../../shared/operations/rewind/read-positions.ts";
import type { RewindRequest, RewindTarget } from "../../shared/operations/rewind/rewind-request.ts";
import { dateTime, durationMs } from "./rewind-time.ts";

/** By the names that commander makes of Kafka's flags. */
export type RewindFlags = {
  readonly group: string;
  readonly topic: readonly string[];
  readonly toEarliest?: boolean;
  readonly toLatest?: boolean;
  readonly toOffset?: bigint;
  readonly toDatetime?: string;
  readonly byDuration?: string;
  readonly shiftBy?: bigint;
  readonly fromFile?: string;
};

const integer = (text: string): bigint => {
  if (!/^[+-]?\d+$/.test(text)) throw new InvalidArgumentError("it takes a whole number");
  return BigInt(text.replace(/^\+/, ""));
};

const collect = (text: string, others: readonly string[]): readonly string[] => [...others, text];

const topicOption = () =>
  new Option("--topic <topic>", "a topic, or some of its partitions: topic:0,1; again for more")
    .argParser(collect)
    .default([], "all that the group reads");

/** Kafka's flags. */
export const rewindOptions = (): readonly Option[] => [
  new Option("--group <group>", "a projection's consumer group").makeOptionMandatory(),
  topicOption(),
  new Option("--all-topics", "all topics that the group reads (the default)").conflicts("topic"),
  new Option("--to-earliest", "to the beginning of the log"),
  new Option("--to-latest", "to its end: what is unread is skipped"),
  new Option("--to-offset <offset>", "to this offset").argParser(integer),
  new Option(
    "--to-datetime <time>",
    "to the first record of this time or later: 2026-05-01T10:00:00.000, UTC or with a zone",
  ),
  new Option("--by-duration <duration>", "to the first record of so long ago or later: PT1H30M, or 90m"),
  new Option("--shift-by <count>", "by so many, back when negative: --shift-by -100").argParser(integer),
  new Option("--from-file <file>", "to each partition's own: topic,partition,offset, a line each"),
];

type ReadFile = (file: string) => string;

const targets = (flags: RewindFlags, readFile: ReadFile): readonly RewindTarget[] => [
  ...(flags.toEarliest ? [{ kind: "to-earliest" } as const] : []),
  ...(flags.toLatest ? [{ kind: "to-latest" } as const] : []),
  ...(flags.toOffset === undefined ? [] : [{ kind: "to-offset", offset: flags.toOffset } as const]),
  ...(flags.toDatetime === undefined ? [] : [{ kind: "to-datetime", timestamp: dateTime(flags.toDatetime) } as const]),
  ...(flags.byDuration === undefined ? [] : [{ kind: "by-duration", ms: durationMs(flags.byDuration) } as const]),
  ...(flags.shiftBy === undefined ? [] : [{ kind: "shift-by", by: flags.shiftBy } as const]),
  ...(flags.fromFile === undefined
    ? []
    : [{ kind: "to-positions", positions: readPositions(readFile(flags.fromFile)) } as const]),
];

/** @throws SluiceError `usage` unless exactly one target is named */
export const toRewindRequest = (flags: RewindFlags, readFile: ReadFile): RewindRequest => {
  const [target, ...others] = targets(flags, readFile);
  if (target === undefined || others.length > 0)
    throw new SluiceError("usage", target === undefined ? "no target is named" : "more than one target is named", {
      hint: "one of --to-earliest, --to-latest, --to-offset, --to-datetime, --by-duration, --shift-by, --from-file",
    });
  if (target.kind === "to-positions" && flags.topic.length > 0)
    throw new SluiceError("usage", "--topic and --from-file are both given", { hint: "the file names the partitions" });
  return { groupId: flags.group, topics: flags.topic.map(parseTopic), target };
};
