/** How an execution of a state machine ended. */
export type ExecutionResult =
  /** The output as JSON. */
  | { readonly kind: "succeeded"; readonly output: string }
  /** With the machine's own words. */
  | { readonly kind: "failed"; readonly error: string; readonly cause: string };
