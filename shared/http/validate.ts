import type * as z from "zod";
import { type ProblemDetail, ProblemError, pointerTo } from "./problem.ts";
import { problem } from "./problem-kinds.ts";

type Issue = z.core.$ZodIssue;

/** Where a request was wrong, in zod's terms: one entry for each unknown member. */
type Finding = { readonly path: readonly PropertyKey[]; readonly message: string };

const findingsOf = (issue: Issue): readonly Finding[] => {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: "is not known" }));
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined"))
    return [{ path: issue.path, message: "is required" }];
  if (issue.code === "invalid_key")
    return [{ path: issue.path, message: issue.issues.map(({ message }) => message).join("; ") }];
  return [{ path: issue.path, message: issue.message }];
};

const check = <Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
  locate: (path: readonly PropertyKey[], detail: string) => ProblemDetail,
): z.infer<Schema> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap(findingsOf).map(({ path, message }) => locate(path, message));
  throw new ProblemError(problem("invalid-request", `the ${what} has ${errors.length} error(s)`, { errors }));
};

/** @throws ProblemError 400 with a JSON pointer to each member that is wrong or unknown. */
export const checkBody = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> =>
  check(schema, value, "body", (path, detail) => ({ pointer: pointerTo(path), detail }));

/** @throws ProblemError 400 naming each query parameter that is wrong or unknown. */
export const checkQuery = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> =>
  check(schema, value, "query", (path, detail) => ({ parameter: String(path[0] ?? ""), detail }));
