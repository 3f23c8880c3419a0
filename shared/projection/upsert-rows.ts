import { SluiceError } from "../messaging/sluice-error.ts";
import { sqlState } from "../postgres/fault.ts";
import type { Queryable } from "../postgres/queryable.ts";
import type { EqualVersion, WriteOutcome } from "../search/bulk-write.ts";
import type { ProjectedItem, TableUpsert } from "./projection.ts";

/**
 * True when it is a row that PostgreSQL does not take, whatever the try: class 22 data exception, 23 constraint, 54 too large.
 * https://www.postgresql.org/docs/17/errcodes-appendix.html
 */
const isRefusal = (fault: unknown): fault is SluiceError =>
  fault instanceof SluiceError && !fault.canRetry && /^(22|23|54)/.test(sqlState(fault) ?? "");

/**
 * Upserts rows in one statement; answers one outcome for each, at its index. When PostgreSQL refuses a row the rest is
 * halved until that row is alone: log2(n) more statements for one bad row, and its neighbours are written.
 */
export const upsertRows = async <Item extends ProjectedItem>(
  upsert: TableUpsert<Item>,
  db: Queryable,
  table: string,
  items: readonly Item[],
  equal: EqualVersion,
): Promise<readonly WriteOutcome[]> => {
  try {
    const ids = await upsert(db, table, items, equal);
    return items.map((item) => ({ status: ids.has(item.id) ? "written" : "superseded" }));
  } catch (fault) {
    if (!isRefusal(fault)) throw fault;
    if (items.length === 1) return [{ status: "refused", reason: `${table}: ${fault.message}` }];
    const middle = items.length >> 1;
    return [
      ...(await upsertRows(upsert, db, table, items.slice(0, middle), equal)),
      ...(await upsertRows(upsert, db, table, items.slice(middle), equal)),
    ];
  }
};
