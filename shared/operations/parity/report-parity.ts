import type { Log } from "../../observability/logger.ts";
import type { Meter } from "../../observability/metrics.ts";
import type { VerifyReport } from "./verify-read-models.ts";

/** So many are told one by one; the count has all. */
const most = 20;

export type ParityCounts = { readonly compared: number; readonly differences: number; readonly complete: boolean };

/** Counts and logs what a verification has found. */
export const reportParity = (
  { log, meter }: { readonly log: Log; readonly meter: Meter },
  { projection, compared, differences, complete }: VerifyReport,
): ParityCounts => {
  meter.count("RowsCompared", compared);
  meter.count("Differences", differences.length);
  for (const { id, target, what, held, expected } of differences.slice(0, most))
    log.warn("a read model differs from the write model", { id, target, what, held, expected });
  const counts = { compared, differences: differences.length, complete };
  if (differences.length === 0) log.info("read models verified", { projection, ...counts });
  else log.warn("read models differ: `sluice projection verify` lists them", { projection, ...counts });
  return counts;
};
