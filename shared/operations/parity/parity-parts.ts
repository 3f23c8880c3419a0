import type { Clock } from "../../messaging/clock.ts";
import type { Queryable } from "../../postgres/queryable.ts";
import type { ReadModel, SourceItem } from "../../projection/read-model.ts";
import type { Target } from "../../projection/targets.ts";
import type { SearchClient } from "../../search/search-client.ts";

/** What comparing read models with the write model needs. */
export type ParityParts = {
  readonly db: Queryable;
  readonly search: SearchClient;
  readonly model: ReadModel;
  readonly clock: Clock;
};

/** The text that a target of this kind should hold of an item: see `Held`. */
export const expectedText = ({ table }: ReadModel, { kind }: Pick<Target, "kind">, item: SourceItem): string =>
  kind === "search" ? item.document : table.rowText.of(item);
