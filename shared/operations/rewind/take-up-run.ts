import type { ReadModelLease } from "../read-model-lease/lease.ts";
import { takeUpLease } from "../read-model-lease/take-up-lease.ts";
import type { RewindParts } from "./rewind-parts.ts";
import type { RewindRun } from "./rewind-run.ts";

/**
 * The lease of a run that another process has begun.
 * @throws SluiceError `lease-held`, see `takeUpLease`
 */
export const takeUpRun = async (parts: RewindParts, run: RewindRun): Promise<ReadModelLease> =>
  (await takeUpLease(parts, run, async () => {})).lease;
