import { ProblemError } from "./problem.ts";
import { problem } from "./problem-kinds.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

const invalid = (detail: string, cause?: unknown): ProblemError =>
  new ProblemError(problem("invalid-request", detail, { errors: [{ pointer: "", detail }] }), { cause });

/**
 * The body's text, whichever way API Gateway carries it.
 * @throws ProblemError 400 when its bytes are not UTF-8
 */
export const bodyText = (event: { readonly body?: string | undefined; readonly isBase64Encoded: boolean }): string => {
  if (event.body === undefined) return "";
  if (!event.isBase64Encoded) return event.body;
  try {
    return utf8.decode(Buffer.from(event.body, "base64"));
  } catch (cause) {
    throw invalid("the body is not UTF-8", cause);
  }
};

/**
 * Reads JSON. Of a member that is there twice the last counts, as with `JSON.parse`.
 * @throws ProblemError 400 on malformed JSON, and on a member named `__proto__`, which checks further on would overlook
 */
export const parseJson = (text: string): unknown => {
  if (text === "") throw invalid("the body is empty; JSON is expected");
  try {
    return JSON.parse(text, text.includes("__proto__") ? refusePrototype : undefined);
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    throw invalid(`the body is not JSON: ${(cause as Error).message}`, cause);
  }
};

const refusePrototype = (name: string, value: unknown): unknown => {
  if (name === "__proto__") throw invalid("a member named __proto__ is not allowed");
  return value;
};
