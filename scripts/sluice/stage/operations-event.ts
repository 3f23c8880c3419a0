/** What the `operations` function is asked: one command of the tool, as it was typed. */
export type OperationsEvent = {
  /** Without the program's own name. */
  readonly argv: readonly string[];
  /** Whether a person reads the result. */
  readonly isTty: boolean;
  /** For the audit. */
  readonly actor: string;
  /** Content of the files that options name, by the name that was typed: they are on the machine of whoever typed it. */
  readonly files: Readonly<Record<string, string>>;
};

/** What the command has written, its exit code, and what it failed with. */
export type OperationsAnswer = {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
  readonly fault: {
    readonly code: string;
    readonly message: string;
    readonly hint: string | null;
    readonly canRetry: boolean;
  } | null;
};
