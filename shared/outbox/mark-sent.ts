import type { Queryable } from "../postgres/queryable.ts";
import { idList } from "./id-spans.ts";
import type { HeldShards } from "./outbox-store.ts";

/**
 * Marks rows SENT if this drainer still holds their shards' leases, each in its epoch. Answers how
 * many it marked: fewer when a lease was lost, and then the next holder sends those rows again. The
 * statement is a function of the schema (migration 0013), which pins its plan and does not wait for
 * the commit: a mark that a crash of the server takes back is a row that is sent again, as it may
 * be at any rate.
 */
export const markSent = async (
  db: Queryable,
  drainer: string,
  held: HeldShards,
  ids: readonly number[],
): Promise<number> => {
  const { rows } = await db.query<{ marked: number }>({
    name: "mark-sent",
    text: "select outbox_mark_sent($1, $2, $3, $4) as marked",
    values: [drainer, [...held.keys()], [...held.values()], idList(ids)],
  });
  return rows[0]?.marked ?? 0;
};
