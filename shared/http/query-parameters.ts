import { ProblemError } from "./problem.ts";
import { problem } from "./problem-kinds.ts";

/**
 * The parameters of a query string. API Gateway's own parse joins repeated ones with commas, so the raw string is read.
 * @throws ProblemError 400 when one is there twice
 */
export const queryParameters = (rawQueryString: string): Readonly<Record<string, string>> => {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    if (parameters.has(name)) {
      const errors = [{ parameter: name, detail: "is given twice" }];
      throw new ProblemError(problem("invalid-request", `the query has ${name} twice`, { errors }));
    }
    parameters.set(name, value);
  }
  return Object.fromEntries(parameters);
};
