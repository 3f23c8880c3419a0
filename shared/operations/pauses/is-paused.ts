import type { Queryable } from "../../postgres/queryable.ts";

/** Whether an operator has paused a function. One look at a primary key. */
export const isPaused = async (db: Queryable, functionName: string): Promise<boolean> => {
  const { rowCount } = await db.query({
    name: "is-paused",
    text: "select from pause where function = $1",
    values: [functionName],
  });
  return rowCount === 1;
};
