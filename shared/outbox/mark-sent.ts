import type { Queryable } from "../postgres/queryable.ts";
import { idList } from "./id-spans.ts";
import type { HeldShards } from "./outbox-store.ts";

/**
 * Marks rows SENT if this drainer still holds their shards' leases, each in its epoch. Answers how many it marked:
 * fewer when a lease was lost, and then the next holder sends those rows again.
 * The statement is a function of the schema (migration 0002), which pins its plan.
 *
 * The commit is not waited for: a mark that a crash of the server takes back is a row that is sent again, as it may be at any rate.
 * The setting is the transaction's own, which is this one statement.
 */
export const markSent = async (
  db: Queryable,
  drainer: string,
  held: HeldShards,
  ids: readonly number[],
): Promise<number> => {
  const { rows } = await db.query<{ marked: number }>({
    name: "mark-sent",
    text: "select outbox_mark_sent($1, $2, $3, $4) as marked, set_config('synchronous_commit', 'off', true)",
    values: [drainer, [...held.keys()], [...held.values()], idList(ids)],
  });
  return rows[0]?.marked ?? 0;
};
