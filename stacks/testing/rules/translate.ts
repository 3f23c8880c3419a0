import type { Inputs } from "../graph.ts";
import { namedOtherwise, nameIn } from "./property-names.ts";
import { flattened, isOfType, type Resolve, type Schema } from "./schema.ts";

/** A resource's inputs in the names of another source. */
export type Translation = {
  readonly value: Record<string, unknown>;
  /** Properties, as Pulumi writes them, that the source does not know. */
  readonly unknown: readonly string[];
  /** By the path in the source's names: the property as the program writes it. */
  readonly origins: ReadonlyMap<string, string>;
};

export type Target = {
  /** `aws:rds/proxy:Proxy` */
  readonly type: string;
  /** `DBProxy`: the resource in the source's words. */
  readonly resource: string;
  readonly schema: Schema;
  readonly resolve: Resolve;
};

type Place = { readonly pulumi: readonly string[]; readonly target: readonly string[] };

const isObject = (value: unknown): value is Inputs =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The path without the places in lists: by it exceptions are looked up. */
const plain = (path: readonly string[]): string => path.filter((part) => !/^\d+$/.test(part)).join(".");

/**
 * What Pulumi writes as a map and AWS as a list: tags, dimensions. The names of its two members.
 */
const pairNames = (items: Schema): readonly [string, string] | undefined => {
  const names = Object.keys(items.properties ?? {});
  const key = names.find((name) => ["key", "name"].includes(name.toLowerCase()));
  const value = names.find((name) => name.toLowerCase() === "value");
  return key !== undefined && value !== undefined ? [key, value] : undefined;
};

const asText = (value: unknown, schema: Schema): unknown =>
  isOfType(schema, "string") && (typeof value === "number" || typeof value === "boolean") ? String(value) : value;

const put = (into: Record<string, unknown>, path: readonly string[], value: unknown): void => {
  const [first = "", ...rest] = path;
  if (rest.length === 0) into[first] = value;
  else {
    into[first] ??= {};
    put(into[first] as Record<string, unknown>, rest, value);
  }
};

/** The schema at the end of a dotted path, through lists. */
const schemaAt = (schema: Schema, path: readonly string[], resolve: Resolve): Schema | undefined => {
  const [first, ...rest] = path;
  const flat = flattened(schema, resolve);
  if (first === undefined) return flat;
  const next = /^\d+$/.test(first) ? flat.items : flat.properties?.[first];
  return next && schemaAt(next, rest, resolve);
};

export const translated = (inputs: Inputs, { type, resource, schema, resolve }: Target): Translation => {
  const unknown: string[] = [];
  const origins = new Map<string, string>();

  const list = (values: readonly unknown[], items: Schema, { pulumi, target }: Place) =>
    values.map((each, index) =>
      convert(each, items, { pulumi: [...pulumi, String(index)], target: [...target, String(index)] }),
    );

  const pairs = (value: Inputs, [key, named]: readonly [string, string], { pulumi, target }: Place) =>
    Object.entries(value).map(([name, each], index) => {
      origins.set([...target, String(index)].join("."), [...pulumi, name].join("."));
      return { [key]: name, [named]: each };
    });

  const property = (into: Record<string, unknown>, flat: Schema, name: string, value: unknown, at: Place): void => {
    const pulumi = [...at.pulumi, name];
    const other = namedOtherwise(type, plain(pulumi));
    const found = nameIn(flat, name, resource);
    const paths = (other ?? (found === undefined ? [] : [found])).map((path) => path.split("."));
    const [path] = paths.filter((each) => schemaAt(flat, each, resolve) !== undefined);
    const next = path && schemaAt(flat, path, resolve);
    if (path === undefined || next === undefined) unknown.push(pulumi.join("."));
    else put(into, path, convert(value, next, { pulumi, target: [...at.target, ...path] }));
  };

  const object = (value: Inputs, flat: Schema, at: Place): Record<string, unknown> => {
    const into: Record<string, unknown> = {};
    if (flat.properties === undefined) return { ...value };
    for (const [name, each] of Object.entries(value))
      if (each !== null && each !== undefined) property(into, flat, name, each, at);
    return into;
  };

  const convert = (value: unknown, wanted: Schema, at: Place): unknown => {
    const flat = flattened(wanted, resolve);
    origins.set(at.target.join("."), at.pulumi.join("."));
    const isList = isOfType(flat, "array");
    if (Array.isArray(value))
      return isList || flat.items ? list(value, flat.items ?? {}, at) : convert(value[0], flat, at);
    if (isList) {
      const items = flattened(flat.items ?? {}, resolve);
      const names = pairNames(items);
      if (isObject(value) && names) return pairs(value, names, at);
      return [convert(value, items, { ...at, target: [...at.target, "0"] })];
    }
    if (isObject(value)) return object(value, flat, at);
    // The provider has a switch where AWS has an object with nothing else in it.
    if (typeof value === "boolean" && nameIn(flat, "enabled", resource) === "Enabled") return { Enabled: value };
    if (typeof value === "string" && isOfType(flat, "object") && value.startsWith("{")) return JSON.parse(value);
    return asText(value, flat);
  };

  const value = object(inputs, flattened(schema, resolve), { pulumi: [], target: [] });
  return { value, unknown, origins };
};

/**
 * The property, as the program writes it, in which something was found: the nearest that came from
 * one.
 */
export const originOf = (path: readonly string[], origins: ReadonlyMap<string, string>): string => {
  for (let length = path.length; length > 0; length--) {
    const origin = origins.get(path.slice(0, length).join("."));
    if (origin !== undefined) return origin;
  }
  return path.join(".");
};
