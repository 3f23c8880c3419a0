import { SluiceError } from "../messaging/sluice-error.ts";

/** Codes of faults that say: it was understood, and a rule of the system says no. Trying again cannot help. */
const refusals = new Set([
  "unknown-group",
  "unknown-topic",
  "not-rewindable",
  "unknown-member",
  "unknown-partition",
  "topic-not-read",
  "outside-log",
  "no-record-since",
  "nothing-committed",
  "plan-changed",
  "lease-held",
  "unknown-run",
  "wrong-state",
  "not-retired",
  "ahead",
  "not-undoable",
  "wrong-target",
  "replay-running",
  "records-refused",
  "not-confirmed",
  "unknown-id",
  "not-parked",
  "too-old",
  "paused",
  "unknown-stage",
  "no-access",
  "not-here",
  "not-on-a-stage",
]);

/** One list for everybody: the command line's exit code 3, the audit's `refused`, the state machines. */
export const isRefusal = (fault: unknown): boolean => fault instanceof SluiceError && refusals.has(fault.code);
