import * as z from "zod";
import { type Problem, ProblemError } from "../../http/problem.ts";

/** In any spelling; `readPathId` makes it the one that is stored. */
export const pathIdSchema = z.uuid({ version: "v7" });

/**
 * The id in a path.
 * @param missing the 404 for what is no id: nothing can be there
 * @throws ProblemError
 */
export const readPathId = (text: string | undefined, missing: () => Problem): string => {
  const { data, success } = pathIdSchema.safeParse(text?.toLowerCase());
  if (!success) throw new ProblemError(missing());
  return data;
};
