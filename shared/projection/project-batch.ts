import type { Clock } from "../messaging/clock.ts";
import { type DeadLetters, type Poison, sendDeadLetters } from "../messaging/dead-letters.ts";
import { recordsToGiveBack } from "../messaging/give-back.ts";
import type { InboundRecord } from "../messaging/record.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import { alarmOnFlood } from "../observability/alarm-on-flood.ts";
import type { Log } from "../observability/logger.ts";
import type { Meter } from "../observability/metrics.ts";
import type { WriteOutcome } from "../search/bulk-write.ts";
import { applyNewest } from "./apply-newest.ts";
import { type BatchReport, type Judged, type RecordOutcome, reportBatch } from "./batch-report.ts";
import { decodeBatch, type Entry, type ItemEntry } from "./decode-batch.ts";
import type { ProjectedItem, Projection } from "./projection.ts";
import { readTargets } from "./targets.ts";
import { type ReadModelPorts, writeTargets } from "./write-targets.ts";

export type ProjectorOptions<Item extends ProjectedItem> = ReadModelPorts & {
  readonly projection: Projection<Item>;
  readonly deadLetters: DeadLetters;
  /**
   * Whether the mapping takes a partial batch response. One that does not takes the answer for a success and goes on,
   * so without it a single failed document fails the batch.
   */
  readonly partialResponse: boolean;
  readonly log: Log;
  readonly meter: Meter;
  readonly clock: Clock;
};

type Outcomes<Item extends ProjectedItem> = ReadonlyMap<ItemEntry<Item>, WriteOutcome>;

/** What can never be applied: undecodable records, and documents that a read model refuses. */
const poisonOf = <Item extends ProjectedItem>(
  entries: readonly Entry<Item>[],
  outcomes: Outcomes<Item>,
): readonly Poison[] => [
  ...entries.filter((entry) => entry.kind === "poison"),
  ...[...outcomes].flatMap(([{ record }, outcome]) =>
    outcome.status === "refused" ? [{ record, fault: new SluiceError("document-refused", outcome.reason) }] : [],
  ),
];

const ends: Readonly<Record<WriteOutcome["status"], RecordOutcome>> = {
  written: "applied",
  superseded: "duplicate",
  refused: "dead-lettered",
  failed: "given-back",
};

const judge = <Item extends ProjectedItem>(
  entries: readonly Entry<Item>[],
  outcomes: Outcomes<Item>,
  poison: readonly Poison[],
  givenBack: ReadonlySet<InboundRecord>,
): readonly Judged[] => {
  const faults = new Map(poison.map(({ record, fault }) => [record, fault]));
  return entries.map((entry) => {
    if (givenBack.has(entry.record)) return { entry, outcome: "given-back" };
    const fault = faults.get(entry.record);
    if (fault) return { entry, outcome: "dead-lettered", fault };
    if (entry.kind !== "item") return { entry, outcome: "ignored" };
    return { entry, outcome: ends[outcomes.get(entry)?.status ?? "failed"] };
  });
};

/** The records that failed. Throws when the mapping could not bring them alone, or when there is nothing else in the batch. */
const failuresOf = <Item extends ProjectedItem>(
  outcomes: Outcomes<Item>,
  partialResponse: boolean,
): readonly InboundRecord[] => {
  const failures = [...outcomes].flatMap(([{ record }, outcome]) =>
    outcome.status === "failed" ? [{ record, error: outcome.error }] : [],
  );
  const [first] = failures;
  if (first && (!partialResponse || failures.length === outcomes.size)) throw first.error;
  return failures.map(({ record }) => record);
};

/**
 * A consumer of batches that keeps one read model, an index and a table, at the newest version of every aggregate.
 * Repeats and disorder do no harm.
 *
 * A batch ends in one of two ways. It resolves: each record is applied, duplicate, ignored or dead-lettered (and the broker
 * has said so), except for those given back. It rejects: nothing may be acknowledged, the whole batch has to come again.
 *
 * When one store has taken a version and the other refuses it for good, the record is dead-lettered and the first store
 * keeps it: it is what happened. A redrive of the dead letter, or a rebuild, brings the other up once it takes it.
 * @returns a function that throws retriable SluiceErrors (`search-unavailable`, `postgres-unavailable`, `dead-letter-failed`, …),
 *   and `poison-flood`.
 */
export const createProjector =
  <Item extends ProjectedItem>(options: ProjectorOptions<Item>) =>
  async (records: readonly InboundRecord[]): Promise<BatchReport> => {
    const { projection, clock } = options;
    const began = clock();
    const targets = await readTargets(options.db, projection.name);
    const entries = decodeBatch(projection, records);
    alarmOnFlood(options, poisonOf(entries, new Map()), records.length);
    const outcomes = await applyNewest(
      entries.filter((entry) => entry.kind === "item"),
      targets.equal,
      (items) => writeTargets(options, projection, targets, items),
    );
    const poison = poisonOf(entries, outcomes);
    alarmOnFlood(options, poison, records.length);
    const givenBack = recordsToGiveBack(records, failuresOf(outcomes, options.partialResponse));
    // Those given back are judged when they come again, or they would be dead-lettered twice.
    await sendDeadLetters(
      options.deadLetters,
      poison.filter(({ record }) => !givenBack.has(record)),
    );
    return reportBatch(options, judge(entries, outcomes, poison, givenBack), clock() - began);
  };
