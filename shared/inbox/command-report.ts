import type { InboundRecord } from "../messaging/record.ts";
import type { SluiceError } from "../messaging/sluice-error.ts";
import type { Log } from "../observability/logger.ts";
import type { Meter } from "../observability/metrics.ts";
import { recordFields, traceFields } from "../observability/record-fields.ts";
import type { Entry } from "./decode-commands.ts";

/** How a record of a batch ended. `given-back` is no end: it comes again and is counted then. */
export type Judgement =
  | { readonly outcome: "applied" | "duplicate" | "given-back" }
  | { readonly outcome: "rejected"; readonly reason: string }
  | { readonly outcome: "dead-lettered"; readonly fault: SluiceError };

export type Judged = { readonly entry: Entry; readonly end: Judgement };

export type CommandReport = {
  readonly records: number;
  readonly applied: number;
  /** The inbox knew the event, or it came twice in this batch. */
  readonly duplicate: number;
  /** The domain refused; an event says why. */
  readonly rejected: number;
  readonly deadLettered: number;
  readonly givenBack: readonly InboundRecord[];
};

type Ports = { readonly log: Log; readonly meter: Meter };

const eventOf = ({ entry }: Judged) => (entry.kind === "poison" ? entry.event : entry.command.event);

const logEach = (log: Log, judged: readonly Judged[]): void => {
  for (const one of judged) {
    const { end } = one;
    const fields = { outcome: end.outcome, ...recordFields(one.entry.record, eventOf(one)) };
    if (end.outcome === "dead-lettered")
      log.warn("record dead-lettered", { ...fields, reason: end.fault.code, why: end.fault.message });
    else if (end.outcome === "rejected") log.debug("command rejected", { ...fields, reason: end.reason });
    else log.debug("command handled", fields);
  }
};

/** How often each reason was given: on the batch's line, as a refusal is no fault that needs a line of its own. */
const rejectionsOf = (judged: readonly Judged[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { end } of judged) if (end.outcome === "rejected") counts[end.reason] = (counts[end.reason] ?? 0) + 1;
  return counts;
};

const countEnds = (judged: readonly Judged[]): CommandReport => {
  const counts: Record<Judgement["outcome"], number> = {
    ...{ applied: 0, duplicate: 0, rejected: 0 },
    ...{ "dead-lettered": 0, "given-back": 0 },
  };
  for (const { end } of judged) counts[end.outcome]++;
  return {
    records: judged.length,
    applied: counts.applied,
    duplicate: counts.duplicate,
    rejected: counts.rejected,
    deadLettered: counts["dead-lettered"],
    givenBack: judged.filter(({ end }) => end.outcome === "given-back").map(({ entry }) => entry.record),
  };
};

/** Counts, measures and logs a batch that is done with. Each count is written for every batch, zeros too. */
export const reportCommands = (
  { log, meter }: Ports,
  judged: readonly Judged[],
  milliseconds: number,
): CommandReport => {
  const report = countEnds(judged);
  meter.count("Applied", report.applied);
  meter.count("Duplicate", report.duplicate);
  meter.count("Rejected", report.rejected);
  meter.count("DeadLettered", report.deadLettered);
  meter.count("GivenBack", report.givenBack.length);
  meter.milliseconds("BatchMilliseconds", milliseconds);
  logEach(log, judged);
  log.info("commands handled", {
    records: report.records,
    applied: report.applied,
    duplicate: report.duplicate,
    rejected: report.rejected,
    ...(report.rejected > 0 && { reasons: rejectionsOf(judged) }),
    dead_lettered: report.deadLettered,
    given_back: report.givenBack.length,
    milliseconds,
    ...traceFields(judged, eventOf),
  });
  return report;
};
