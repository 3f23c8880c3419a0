import type { MiddlewareObj } from "@middy/core";
import { isRetriable } from "../../messaging/sluice-error.ts";
import type { Answer } from "../answer.ts";
import type { HttpEvent } from "../http-event.ts";
import { type Problem, ProblemError, problemAnswer } from "../problem.ts";
import { problem } from "../problem-kinds.ts";

/** A caller is told what it did wrong, or when to come again, and never what is broken inside. */
const problemOf = (fault: unknown): Problem => {
  if (fault instanceof ProblemError) return fault.problem;
  const outOfTime = fault instanceof Error && fault.name === "TimeoutError";
  if (isRetriable(fault) || outOfTime)
    return problem("unavailable", "a part that is needed does not answer; try again", {
      headers: { "retry-after": "1" },
    });
  return problem("internal-error", "the request could not be answered; it has been noted");
};

/** Turns whatever was thrown into problem details (RFC 9457). */
export const problems = (): MiddlewareObj<HttpEvent, Answer> => ({
  onError: (request) => {
    request.response = problemAnswer(problemOf(request.error), request.event.requestContext.http.path);
  },
});
