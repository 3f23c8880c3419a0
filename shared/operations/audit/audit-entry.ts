/** What is done, by whom and to what. */
export type Operation = {
  /** A person, or the user and host of a program. */
  readonly actor: string;
  /** The command's words, e.g. `outbox unpark`. */
  readonly operation: string;
  /** What it is done to: a group, a row, a function. */
  readonly target: string;
  /** The operator's word. */
  readonly reason?: string | undefined;
};

/** `failed`: something went wrong; `refused`: a rule said no, and nothing was changed. */
export type AuditOutcome = "started" | "done" | "failed" | "refused";

/** One row of the audit. `before` and `after` are whatever shows the change: anything that JSON can hold, and bigints. */
export type AuditEntry = Operation & {
  /** A UUID that the rows of one run share. */
  readonly run: string;
  readonly outcome: AuditOutcome;
  readonly before?: unknown;
  readonly after?: unknown;
  /** Of a failed or refused run: what it said. */
  readonly fault?: string | undefined;
};
