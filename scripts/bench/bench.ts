import type { StackAddresses } from "../stack/index.ts";

export type BenchContext = {
  readonly addresses: StackAddresses;
  /** Progress, on standard error. */
  readonly log: (line: string) => void;
};

/** What a bench found. `ratio` is value / baseline, both measured in this run, side by side. */
export type BenchResult = {
  readonly bench: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number;
  readonly ratio: number;
  /** Peak resident memory of the process that was measured. */
  readonly peakRssMb: number;
  /** The rows printed above the last line. */
  readonly table: readonly Readonly<Record<string, string | number>>[];
};

export type Bench = (context: BenchContext) => Promise<BenchResult>;

/** The middle value: one slow run, of whatever cause, does not move it. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};

/** The value below which the given share (0 to 1) of the values lie. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
};

/** Runs two measurements by turns, so that what the machine does meanwhile meets both. */
export const alternate = async (
  runs: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<{ ours: readonly number[]; theirs: readonly number[] }> => {
  const measured = { ours: [] as number[], theirs: [] as number[] };
  for (let run = 0; run < runs; run++) {
    measured.theirs.push(await theirs());
    measured.ours.push(await ours());
  }
  return measured;
};
