/** What the host and a function's process tell each other over IPC. Payloads travel as JSON text, as through Lambda. */

/** An error as Lambda reports one. */
export type FunctionError = {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
  /** What the reader can do about it; a refused start has one. */
  readonly hint?: string;
};

export type ToRuntime = {
  readonly kind: "invoke";
  readonly requestId: string;
  readonly payload: string;
  /** Milliseconds since 1970. */
  readonly deadline: number;
};

export type FromRuntime =
  | { readonly kind: "ready" }
  | { readonly kind: "not-started"; readonly error: FunctionError }
  | { readonly kind: "result"; readonly requestId: string; readonly payload: string }
  | { readonly kind: "failed"; readonly requestId: string; readonly error: FunctionError };

/** Lambda's limit of a synchronous request or response, in bytes of JSON. */
export const PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024;
