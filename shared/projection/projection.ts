import type { DecodedMessage, MessageRegistry } from "../messaging/message-registry.ts";
import type { Queryable } from "../postgres/queryable.ts";
import type { EqualVersion, VersionedDocument } from "../search/bulk-write.ts";

/** What one event makes of an aggregate in the read models: the whole state, or a tombstone. `document` is for search targets. */
export type ProjectedItem = VersionedDocument;

/**
 * Writes items into one table by version and answers the ids written; those left out held the same or a newer version.
 * `table` is the name in the target set, not quoted. An id is in `items` once.
 */
export type TableUpsert<Item> = (
  db: Queryable,
  table: string,
  items: readonly Item[],
  equal: EqualVersion,
) => Promise<ReadonlySet<string>>;

/** One read model in its two forms, an index and a table, made of the events of one topic. */
export type Projection<Item extends ProjectedItem = ProjectedItem> = {
  /** As in `projection_target` and `projection_rewind`. */
  readonly name: string;
  readonly registry: MessageRegistry;
  /** The types that it is made of. Any other registered type is ignored, unread. */
  readonly consumes: ReadonlySet<string>;
  toItem(message: DecodedMessage): Item;
  readonly upsert: TableUpsert<Item>;
};
