import type { InboundRecord } from "../messaging/record.ts";
import type { SluiceError } from "../messaging/sluice-error.ts";
import type { Log } from "../observability/logger.ts";
import type { Meter } from "../observability/metrics.ts";
import { recordFields, traceFields } from "../observability/record-fields.ts";
import type { Entry } from "./decode-batch.ts";

/** How a record of a batch ended. `given-back` is no end: it comes again and is counted then. */
export type RecordOutcome = "applied" | "duplicate" | "ignored" | "dead-lettered" | "given-back";

export type BatchReport = {
  readonly records: number;
  /** The state of these was written to a read model. */
  readonly applied: number;
  /** The read models held these versions or newer ones, or a newer one came in the same batch. */
  readonly duplicate: number;
  /** Of a registered type that this projection has no use for. */
  readonly ignored: number;
  readonly deadLettered: number;
  readonly givenBack: readonly InboundRecord[];
};

/** One record with its end; the fault where it is dead-lettered. */
export type Judged = { readonly entry: Entry<unknown>; readonly outcome: RecordOutcome; readonly fault?: SluiceError };

const eventOf = ({ entry }: Judged) => (entry.kind === "poison" ? undefined : entry.event);

const logEach = (log: Log, judged: readonly Judged[]): void => {
  for (const one of judged) {
    const fields = { outcome: one.outcome, ...recordFields(one.entry.record, eventOf(one)) };
    if (one.outcome === "dead-lettered")
      log.warn("record dead-lettered", { ...fields, reason: one.fault?.code, why: one.fault?.message });
    else log.debug("event projected", fields);
  }
};

const countOf = (judged: readonly Judged[], outcome: RecordOutcome): number => {
  let count = 0;
  for (const one of judged) if (one.outcome === outcome) count++;
  return count;
};

/** Counts, measures and logs a batch that is done with. Each of the four counts is written for every batch, zeros too. */
export const reportBatch = (
  { log, meter }: { readonly log: Log; readonly meter: Meter },
  judged: readonly Judged[],
  milliseconds: number,
): BatchReport => {
  const report: BatchReport = {
    records: judged.length,
    applied: countOf(judged, "applied"),
    duplicate: countOf(judged, "duplicate"),
    ignored: countOf(judged, "ignored"),
    deadLettered: countOf(judged, "dead-lettered"),
    givenBack: judged.filter(({ outcome }) => outcome === "given-back").map(({ entry }) => entry.record),
  };
  meter.count("Applied", report.applied);
  meter.count("Duplicate", report.duplicate);
  meter.count("Ignored", report.ignored);
  meter.count("DeadLettered", report.deadLettered);
  meter.count("GivenBack", report.givenBack.length);
  meter.milliseconds("BatchMilliseconds", milliseconds);
  logEach(log, judged);
  log.info("batch projected", {
    records: report.records,
    applied: report.applied,
    duplicate: report.duplicate,
    ignored: report.ignored,
    dead_lettered: report.deadLettered,
    given_back: report.givenBack.length,
    milliseconds,
    ...traceFields(judged, eventOf),
  });
  return report;
};
