/**
 * A fault with a stable code. Expected outcomes are unions, never errors.
 *
 * `canRetry` says whether the same call may succeed later without anybody changing anything:
 * a consumer gives such a batch back to its mapping, the relay keeps such rows PENDING.
 */
export class SluiceError extends Error {
  override readonly name = "SluiceError";
  readonly code: string;
  readonly canRetry: boolean;
  /** What the reader can do about it, one line. */
  readonly hint: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { readonly canRetry?: boolean; readonly cause?: unknown; readonly hint?: string } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.canRetry = options.canRetry ?? false;
    this.hint = options.hint;
  }
}

/** True when the fault, or one that caused it, says that the same call may succeed later. */
export const isRetriable = (fault: unknown): boolean =>
  fault instanceof SluiceError ? fault.canRetry || isRetriable(fault.cause) : false;
