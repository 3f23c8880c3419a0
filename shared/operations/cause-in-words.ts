/**
 * What a state machine's `Cause` says. Of a function that failed Step Functions gives Lambda's
 * whole answer as JSON, `{"errorType": …, "errorMessage": …, "trace": […]}`; of a timeout, or of
 * what a machine says itself, plain words.
 */
export const causeInWords = (cause: string): string => {
  try {
    const { errorMessage }: { readonly errorMessage?: unknown } = JSON.parse(cause);
    if (typeof errorMessage === "string") return errorMessage;
  } catch {
    // not JSON: its own words
  }
  return cause;
};
