import type { AskApi } from "./ask-api.ts";
import type { SmokeOptions } from "./read-smoke-options.ts";

/** In the order in which they are done. */
export const stepNames = [
  "health",
  "write",
  "outbox",
  "search",
  "reservation",
  "rewind",
  "metrics",
  "clean-up",
] as const;
export type StepName = (typeof stepNames)[number];

/** What the steps have made, so that it is taken away however they end. */
export type Made = {
  /** Known before the product is written: a write whose answer never came is found by it. */
  sku?: string;
  productId?: string;
  /** While it holds stock. */
  reservationId?: string;
};

export type StepParts = {
  readonly ask: AskApi;
  readonly options: SmokeOptions;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly made: Made;
  /** Aborted at the step's deadline, or by Ctrl-C. */
  readonly signal: AbortSignal;
  /** What is waited for, in words: a step whose deadline comes says so. */
  readonly waitsFor: (what: string) => void;
};

export type Outcome = {
  readonly result: "pass" | "skip";
  /** What was done and seen, in one line. */
  readonly what: string;
};

export type Step = {
  readonly name: StepName;
  /** Steps without which this one has nothing to look at. */
  readonly needs: readonly StepName[];
  /** A fault that it throws is the step's failure. */
  readonly run: (parts: StepParts) => Promise<Outcome>;
  /** The next command, and the section of docs/OPERATIONS.md to read, when it fails. */
  readonly next: { readonly command: string; readonly section: string };
};

export const passed = (what: string): Outcome => ({ result: "pass", what });
export const leftOut = (what: string): Outcome => ({ result: "skip", what });
