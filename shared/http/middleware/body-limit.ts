import type { MiddlewareObj } from "@middy/core";
import type { Answer } from "../answer.ts";
import type { HttpEvent } from "../http-event.ts";
import { ProblemError } from "../problem.ts";
import { problem } from "../problem-kinds.ts";

const sizeOf = ({ body, isBase64Encoded }: HttpEvent): number =>
  body === undefined ? 0 : Buffer.byteLength(body, isBase64Encoded ? "base64" : "utf8");

/**
 * Refuses a body of more bytes than this, before it is decoded or parsed.
 * @throws ProblemError 413
 */
export const bodyLimit = (maximum: number): MiddlewareObj<HttpEvent, Answer> => ({
  before: ({ event }) => {
    const size = sizeOf(event);
    if (size > maximum)
      throw new ProblemError(problem("body-too-large", `the body has ${size} bytes; ${maximum} are allowed`));
  },
});
