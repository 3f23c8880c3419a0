import type { Queryable } from "../postgres/queryable.ts";
import type { SearchClient } from "../search/search-client.ts";
import { ensureProductReadModels } from "./product-read-models.ts";
import { type Topic, topics } from "./topics.ts";

export type ProvisionParts = {
  /** Applies the migrations that are missing, and sees to the database's users. */
  readonly prepareDatabase: () => Promise<unknown>;
  readonly ensureTopics: (
    topics: readonly Topic[],
  ) => Promise<{ readonly created: readonly string[]; readonly changed: readonly string[] }>;
  readonly db: Queryable;
  readonly search: SearchClient;
  /** Told once for each thing that was made or mended. */
  readonly log: (line: string) => void;
};

const provisionTopics = async ({ ensureTopics, log }: ProvisionParts): Promise<void> => {
  const { created, changed } = await ensureTopics(Object.values(topics));
  for (const name of created) log(`topic ${name} created`);
  for (const name of changed) log(`topic ${name}: settings mended`);
};

/** Brings running parts to the state that the code expects: schema, topics, then the read models. Running it again does nothing. */
export const provisionCatalogue = async (parts: ProvisionParts): Promise<void> => {
  await Promise.all([parts.prepareDatabase(), provisionTopics(parts)]);
  await ensureProductReadModels(parts);
};
