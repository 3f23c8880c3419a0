import { isDeepStrictEqual } from "node:util";
import { dataJsonSchema } from "./asyncapi.ts";
import type { MessageRegistry } from "./message-registry.ts";

type Json = Readonly<Record<string, unknown>>;

/** The data schemas that consumers out there may hold: by type, then by version. */
export type ReleasedSchemas = Readonly<Record<string, Readonly<Record<string, Json>>>>;

const annotations = new Set(["title", "description", "examples", "default", "$comment"]);

const objectOf = (value: unknown): Json => (typeof value === "object" && value !== null ? (value as Json) : {});

const changesOfProperties = (released: Json, current: Json, path: string): string[] => {
  const before = objectOf(released["properties"]);
  const after = objectOf(current["properties"]);
  return Object.keys(before).flatMap((name) =>
    after[name] === undefined
      ? [`${path}/${name} was removed`]
      : incompatibleChanges(objectOf(before[name]), objectOf(after[name]), `${path}/${name}`),
  );
};

const asSet = (value: unknown): readonly string[] => (Array.isArray(value) ? [...value].sort() : []);

/**
 * What of a change would break somebody: a consumer that holds the released schema, or this one reading records of before.
 * Only an added optional property and changed prose are compatible; all else wants a new version and an upcaster.
 */
const incompatibleChanges = (released: Json, current: Json, path: string): string[] => {
  const keywords = new Set([...Object.keys(released), ...Object.keys(current)]);
  const changes = changesOfProperties(released, current, path);
  for (const keyword of keywords) {
    if (keyword === "properties" || annotations.has(keyword)) continue;
    const [before, after] =
      keyword === "required"
        ? [asSet(released[keyword]), asSet(current[keyword])]
        : [released[keyword], current[keyword]];
    if (!isDeepStrictEqual(before, after))
      changes.push(`${path || "/"}: ${keyword} was ${JSON.stringify(before)}, is ${JSON.stringify(after)}`);
  }
  return changes;
};

/** Every way in which the registry breaks what was released; empty when it may be released. */
export const breaksOf = (released: ReleasedSchemas, registry: MessageRegistry): readonly string[] =>
  Object.entries(released).flatMap(([type, versions]) => {
    const definition = registry.get(type);
    if (definition === undefined) return [`${type} was released and is registered no more`];
    const newest = Math.max(...Object.keys(versions).map(Number));
    if (newest > definition.version) return [`${type} was released as version ${newest} and is ${definition.version}`];
    const same = versions[definition.version];
    return same === undefined
      ? []
      : incompatibleChanges(same, dataJsonSchema(definition), "").map(
          (change) => `${type} version ${definition.version}: ${change}`,
        );
  });

/** The released set with the registry's present schemas added: what `npm run contracts` writes. Older versions stay as they were. */
export const release = (released: ReleasedSchemas, registry: MessageRegistry): ReleasedSchemas => ({
  ...released,
  ...Object.fromEntries(
    registry.definitions.map((definition) => [
      definition.type,
      { ...released[definition.type], [definition.version]: dataJsonSchema(definition) },
    ]),
  ),
});
