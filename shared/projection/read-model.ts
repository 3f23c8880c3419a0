import type { Queryable, Transaction } from "../postgres/queryable.ts";
import type { IndexDefinition } from "../search/ensure-index.ts";
import type { ProjectedItem, TableUpsert } from "./projection.ts";

/** An aggregate of the write model, as the read models should hold it. */
export type SourceItem = ProjectedItem & { readonly archived: boolean };

export type SourceRow<Item extends SourceItem = SourceItem> = {
  readonly item: Item;
  /** When the aggregate was last changed. */
  readonly changedAt: Date;
};

/** The tables that the read models are made of; one short statement a call. */
export type WriteModel<Item extends SourceItem = SourceItem> = {
  count(db: Queryable): Promise<number>;
  /** The ids of about this share of the rows (0 to 1), from places by chance. */
  sample(db: Queryable, share: number): Promise<readonly string[]>;
  /** Rows in the order of their ids (UUIDs), after this one, from the beginning when there is none. */
  page(db: Queryable, after: string | undefined, limit: number): Promise<readonly SourceRow<Item>[]>;
  /** Those of these ids that there are, in any order. */
  byId(db: Queryable, ids: readonly string[]): Promise<readonly SourceRow<Item>[]>;
};

/**
 * One read model in its two forms, with all that is particular to it: how it is made anew, filled from the write model and compared
 * with it. Index documents have a keyword field `id`; tables have id, version, archived and written_at.
 *
 * All that takes items is a method, so that one of particular items passes for one of any: they never come from anywhere but its own
 * write model.
 */
export type ReadModel<Item extends SourceItem = SourceItem> = {
  /** As in `projection_target`. */
  readonly projection: string;
  readonly writeModel: WriteModel<Item>;
  readonly index: {
    /** What readers name. */
    readonly alias: string;
    readonly definition: IndexDefinition;
    nameOf(generation: number): string;
  };
  readonly table: {
    nameOf(generation: number): string;
    /** Makes an empty one, with its indexes. */
    create(tx: Transaction, table: string): Promise<void>;
    /** Lets the view that readers name show this table. */
    pointView(tx: Transaction, table: string): Promise<void>;
    /** Drops one that the view does not show. */
    drop(tx: Transaction, table: string): Promise<void>;
    /** As `TableUpsert`. */
    upsert(...writes: Parameters<TableUpsert<Item>>): ReturnType<TableUpsert<Item>>;
    /** The same JSON text twice: as SQL makes it of a row, and of an item that is written as such a row. */
    readonly rowText: { readonly sql: string; of(item: Item): string };
  };
  /** An older tombstone may have been purged. */
  readonly tombstoneRetentionMs: number;
};
