import type { Queryable } from "../../postgres/queryable.ts";

/** Notes that a function is not paused any more. Answers whether it was. */
export const resumeFunction = async (db: Queryable, name: string): Promise<boolean> => {
  const { rowCount } = await db.query({ text: "delete from pause where function = $1", values: [name] });
  return rowCount === 1;
};
