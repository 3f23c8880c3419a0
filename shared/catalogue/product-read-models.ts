import type { Queryable } from "../postgres/queryable.ts";
import { addAlias, ensureIndex, indexesOf } from "../search/ensure-index.ts";
import type { SearchClient } from "../search/search-client.ts";
import { productAlias, productIndex, productIndexName, productMappingVersion } from "./product-index.ts";
import { productProjection } from "./product-projection.ts";

export type EnsureReadModelsOptions = {
  readonly db: Queryable;
  readonly search: SearchClient;
  /** Told once for each thing that was made, and of what somebody should look at. */
  readonly log: (line: string) => void;
  /** `products` by default; a test has its own. */
  readonly alias?: string;
};

const liveIndex = async (db: Queryable): Promise<string | undefined> => {
  const { rows } = await db.query<{ name: string }>({
    text: "select name from projection_target where projection = $1 and kind = 'search' and state = 'live'",
    values: [productProjection.name],
  });
  return rows[0]?.name;
};

/**
 * Makes what the read models lack: the live index, the alias that readers name, and the row by which the consumer finds it.
 * (The table, its view and its row come with the migrations.) Running it again does nothing; several at once do no harm.
 *
 * An index of an older mapping is left as it is: a rebuild makes the new one beside it. Answers the name of the live index.
 */
export const ensureProductReadModels = async (options: EnsureReadModelsOptions): Promise<string> => {
  const { db, search, log, alias = productAlias } = options;
  const known = await liveIndex(db);
  const index = known ?? productIndexName(alias);
  if (await ensureIndex(search, index, productIndex))
    log(known === undefined ? `index ${index} created` : `index ${index} was gone: created empty, a rebuild is needed`);
  if (known !== undefined && !known.startsWith(`${alias}-v${productMappingVersion}-`))
    log(`index ${known} is not of mapping version ${productMappingVersion}: a rebuild is needed`);
  const behind = await indexesOf(search, alias);
  if (behind.length === 0) {
    await addAlias(search, alias, index);
    log(`alias ${alias} points to ${index}`);
  } else if (!behind.includes(index)) log(`alias ${alias} points to ${behind.join(", ")} and not to ${index}`);
  await db.query({
    text: `insert into projection_target (projection, kind, name, state) values ($1, 'search', $2, 'live')
           on conflict do nothing`,
    values: [productProjection.name, index],
  });
  return index;
};
