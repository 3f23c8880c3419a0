import type { IndexDefinition } from "../search/ensure-index.ts";

/** Raised with every change of the mapping or the analysis below; a test holds the two together. A rebuild makes the new index. */
export const productMappingVersion = 1;

/** What readers name. */
export const productAlias = "products";

/** `products-v1-000001`: the mapping's version, and the number of the rebuild. */
export const productIndexName = (alias: string = productAlias, generation = 1): string =>
  `${alias}-v${productMappingVersion}-${String(generation).padStart(6, "0")}`;

/**
 * Scored by which fields have the words and not by how rare the words are: a score then depends on the document alone,
 * so that it is the same on every page and replica, whatever is written in between (a cursor holds scores).
 */
const text = { type: "text", analyzer: "folded", similarity: "boolean" } as const;
const sortable = { type: "keyword", normalizer: "folded" } as const;

const mappings = {
  _meta: { mappingVersion: productMappingVersion },
  // Not strict: during a rebuild the index of before has to take the documents of today's code. Unknown fields stay in _source.
  dynamic: false,
  properties: {
    id: { type: "keyword" },
    version: { type: "long", index: false },
    sku: sortable,
    title: { ...text, fields: { sort: sortable } },
    description: { ...text, index_options: "docs", norms: false },
    category: { type: "keyword", fields: { text } },
    status: { type: "keyword" },
    price: { properties: { amount: { type: "long" }, currency: { type: "keyword" } } },
    stock: { type: "long", index: false },
    attributes: { type: "flat_object" }, // any names, without a field of the mapping for each
    createdAt: { type: "date" },
    updatedAt: { type: "date" },
  },
} as const;

const settings = {
  number_of_shards: 1, // a shard takes some 30 GB; more is a matter of a rebuild
  auto_expand_replicas: "0-1", // none on a single node, one where there are several
  refresh_interval: "500ms", // set, so that shards do not fall asleep when nobody searches for 30 s
  analysis: {
    analyzer: { folded: { type: "custom", tokenizer: "standard", filter: ["lowercase", "asciifolding"] } },
    normalizer: { folded: { type: "custom", filter: ["lowercase", "asciifolding"] } },
  },
} as const;

export const productIndex: IndexDefinition = { settings, mappings };
