import type { Queryable } from "../../postgres/queryable.ts";

/** Notes that a function is paused; one that is paused already stays so from its first pause on. Answers whether it was new. */
export const pauseFunction = async (
  db: Queryable,
  pause: { readonly function: string; readonly actor: string; readonly reason: string },
): Promise<boolean> => {
  const { rowCount } = await db.query({
    text: "insert into pause (function, actor, reason) values ($1, $2, $3) on conflict do nothing",
    values: [pause.function, pause.actor, pause.reason],
  });
  return rowCount === 1;
};
