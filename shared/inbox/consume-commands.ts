import type { Clock } from "../messaging/clock.ts";
import { type DeadLetters, type Poison, sendDeadLetters } from "../messaging/dead-letters.ts";
import { recordsToGiveBack } from "../messaging/give-back.ts";
import type { MessageRegistry } from "../messaging/message-registry.ts";
import type { InboundRecord } from "../messaging/record.ts";
import { alarmOnFlood } from "../observability/alarm-on-flood.ts";
import type { Meter } from "../observability/metrics.ts";
import { type CommandReport, type Judged, type Judgement, reportCommands } from "./command-report.ts";
import { type CommandEntry, decodeCommands, type Entry } from "./decode-commands.ts";
import { doPartition, type Ends, type PartitionOptions } from "./do-partition.ts";

export type CommandConsumerOptions = PartitionOptions & {
  readonly registry: MessageRegistry;
  readonly deadLetters: DeadLetters;
  /**
   * Whether the mapping takes a partial batch response. One that does not takes the answer for a success and goes on,
   * so without it a single failed command fails the batch.
   */
  readonly partialResponse: boolean;
  /** How long the inbox knows an event. More than the topic's and the dead-letter topic's retention together. */
  readonly retentionMs: number;
  /** How many partitions of a batch are worked on at a time, each on a connection of its own. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly meter: Meter;
};

const byPartition = (entries: readonly Entry[]): readonly CommandEntry[][] => {
  const partitions = new Map<string, CommandEntry[]>();
  for (const entry of entries) {
    if (entry.kind === "poison") continue;
    const name = `${entry.record.topic}-${entry.record.partition}`;
    const partition = partitions.get(name);
    if (partition) partition.push(entry);
    else partitions.set(name, [entry]);
  }
  return [...partitions.values()];
};

/** Works on some partitions at a time, until none is left. */
const doPartitions = async (
  partitions: readonly (readonly CommandEntry[])[],
  options: CommandConsumerOptions,
): Promise<Ends> => {
  const ends: Ends = new Map();
  const left = partitions.values();
  const work = async (): Promise<void> => {
    for (const partition of left) await doPartition(partition, options, ends);
  };
  await Promise.all(Array.from({ length: Math.min(options.concurrency, partitions.length) }, work));
  return ends;
};

/** What can never be done: undecodable records, and commands that fail alone and would fail again. */
const poisonOf = (entries: readonly Entry[], ends: Ends): readonly Poison[] =>
  entries.flatMap((entry) => {
    if (entry.kind === "poison") return [entry];
    const end = ends.get(entry);
    return end?.outcome === "poison" ? [{ record: entry.record, fault: end.fault }] : [];
  });

/** The records that failed. Throws when the mapping could not bring them alone, or when nothing else of the batch was done. */
const failuresOf = (ends: Ends, partialResponse: boolean): readonly InboundRecord[] => {
  const failures = [...ends].flatMap(([{ record }, end]) =>
    end.outcome === "failed" ? [{ record, fault: end.fault }] : [],
  );
  const [first] = failures;
  if (first && (!partialResponse || failures.length === ends.size)) throw first.fault;
  return failures.map(({ record }) => record);
};

const judge = (entry: Entry, ends: Ends, givenBack: ReadonlySet<InboundRecord>): Judgement => {
  if (givenBack.has(entry.record)) return { outcome: "given-back" };
  if (entry.kind === "poison") return { outcome: "dead-lettered", fault: entry.fault };
  const end = ends.get(entry);
  if (end?.outcome === "poison") return { outcome: "dead-lettered", fault: end.fault };
  if (end === undefined || end.outcome === "failed") return { outcome: "given-back" };
  return end;
};

/**
 * A consumer of batches in which every command takes effect exactly once: its inbox row and whatever the handler writes are
 * one transaction. Each partition is done strictly in its order, several partitions at a time.
 *
 * A batch ends in one of two ways. It resolves: each record is applied, duplicate, rejected or dead-lettered (and the broker
 * has said so), except for those given back. It rejects: nothing may be acknowledged, the whole batch has to come again,
 * and what was done of it is duplicate then.
 * @returns a function that throws retriable SluiceErrors (`postgres-unavailable`, `postgres-conflict`, `dead-letter-failed`, …),
 *   and `poison-flood`.
 */
export const createCommandConsumer =
  (options: CommandConsumerOptions) =>
  async (records: readonly InboundRecord[]): Promise<CommandReport> => {
    const { clock } = options;
    const began = clock();
    const entries = decodeCommands(records, { ...options, now: began });
    alarmOnFlood(options, poisonOf(entries, new Map()), records.length);
    const ends = await doPartitions(byPartition(entries), options);
    const poison = poisonOf(entries, ends);
    alarmOnFlood(options, poison, records.length);
    const givenBack = recordsToGiveBack(records, failuresOf(ends, options.partialResponse));
    // Those given back are judged when they come again, or they would be dead-lettered twice.
    await sendDeadLetters(
      options.deadLetters,
      poison.filter(({ record }) => !givenBack.has(record)),
    );
    const judged: readonly Judged[] = entries.map((entry) => ({ entry, end: judge(entry, ends, givenBack) }));
    return reportCommands(options, judged, clock() - began);
  };
