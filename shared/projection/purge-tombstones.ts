import { escapeIdentifier } from "pg";
import type { Database, Queryable } from "../postgres/queryable.ts";
import { bulkDelete } from "../search/bulk-write.ts";
import type { SearchClient } from "../search/search-client.ts";
import type { Target } from "./targets.ts";

export type PurgeOptions = {
  readonly db: Database;
  readonly search: SearchClient;
  readonly projection: string;
  /** More than the topic's and the dead-letter topic's retention together: a younger tombstone still has a task. */
  readonly olderThanMs: number;
  /** Tombstones in one transaction at the most. */
  readonly limit: number;
};

type Tombstone = { readonly id: string; readonly version: number };

const findOld = async (tx: Queryable, table: string, { olderThanMs, limit }: PurgeOptions): Promise<Tombstone[]> => {
  const { rows } = await tx.query<Tombstone>({
    text: `select id, version from ${escapeIdentifier(table)}
           where archived and written_at < now() - $1 * interval '1 millisecond' order by written_at limit $2`,
    values: [olderThanMs, limit],
  });
  return rows;
};

const deleteRows = (tx: Queryable, table: string, tombstones: readonly Tombstone[]) =>
  tx.query({
    text: `delete from ${escapeIdentifier(table)} as held using unnest($1::uuid[], $2::bigint[]) as old (id, version)
           where held.id = old.id and held.version = old.version and held.archived`,
    values: [tombstones.map(({ id }) => id), tombstones.map(({ version }) => version)],
  });

/**
 * Deletes one page of tombstones that no event can undercut any more, from every target. Answers how many.
 *
 * Does nothing while a rebuild runs: it compares old and new targets id by id. The target set is locked against changes
 * until the page is done, so that none begins meanwhile; consumers, which only read it, are not held up.
 * The indexes go first: after a fault the rows are still there to tell what is left to do.
 */
export const purgeTombstones = (options: PurgeOptions): Promise<number> =>
  options.db.transaction(async (tx) => {
    await tx.query({ text: "select projection_target_hold()" });
    const { rows: targets } = await tx.query<Target>({
      text: "select kind, name, state from projection_target where projection = $1",
      values: [options.projection],
    });
    const live = targets.find(({ kind, state }) => kind === "table" && state === "live");
    if (live === undefined || targets.some(({ state }) => state === "building")) return 0;
    const tombstones = await findOld(tx, live.name, options);
    for (const { kind, name } of targets)
      if (kind === "search") {
        const outcomes = await bulkDelete(options.search, name, tombstones);
        const failed = outcomes.find((outcome) => outcome.status === "failed");
        if (failed) throw failed.error;
      }
    for (const { kind, name } of targets) if (kind === "table") await deleteRows(tx, name, tombstones);
    return tombstones.length;
  });
