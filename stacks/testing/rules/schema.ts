/** The part of JSON Schema in which both sources are read. */
export type Schema = {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  /** The values of a map. */
  readonly additionalProperties?: boolean | Schema;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
};

/** Looks a `$ref` up. */
export type Resolve = (ref: string) => Schema;

/** A schema with its reference followed, and the properties of its alternatives beside its own. */
export const flattened = (schema: Schema, resolve: Resolve): Schema => {
  const own = schema.$ref === undefined ? schema : flattened(resolve(schema.$ref), resolve);
  const parts = [...(own.allOf ?? []), ...(own.anyOf ?? []), ...(own.oneOf ?? [])];
  if (parts.length === 0) return own;
  const flat = parts.map((part) => flattened(part, resolve));
  const first = flat.find(({ type, items, properties }) => type ?? items ?? properties) ?? {};
  const properties = Object.assign({}, ...flat.map((part) => part.properties ?? {}), own.properties ?? {});
  return { ...first, ...own, ...(Object.keys(properties).length > 0 && { properties }) };
};

export const isOfType = (schema: Schema, type: string): boolean =>
  schema.type === type || (Array.isArray(schema.type) && schema.type.includes(type));

/** One broken rule: where, in the source's own names, and what it says. */
export type Violation = { readonly path: readonly string[]; readonly rule: string };

/** Java's classes of ASCII, which JavaScript has not. */
const javaClasses: Readonly<Record<string, string>> = {
  Alnum: "0-9A-Za-z",
  Alpha: "A-Za-z",
  ASCII: "\\x00-\\x7F",
  Blank: " \\t",
  Digit: "0-9",
  Graph: "\\x21-\\x7E",
  Lower: "a-z",
  Print: "\\x20-\\x7E",
  Punct: "\\x21-\\x2F\\x3A-\\x40\\x5B-\\x60\\x7B-\\x7E",
  Space: "\\s",
  Upper: "A-Z",
};

/** A pattern of AWS's, which is written for Java, as JavaScript takes it. */
const translatedPattern = (pattern: string): string => {
  let isInBrackets = false;
  // A flag in the middle of a pattern is Java's alone; without it capitals count.
  return pattern.replaceAll("(?i)", "").replace(/\\p\{(\w+)\}|\\.|[[\]]/g, (part, name?: string) => {
    if (part === "[" || part === "]") isInBrackets = part === "[";
    const characters = name === undefined ? undefined : javaClasses[name];
    if (characters === undefined) return part;
    return isInBrackets ? characters : `[${characters}]`;
  });
};

/**
 * With the `u` flag, which knows `\p{L}`; without, where a pattern escapes what needs no escape.
 */
const matcher = (pattern: string): RegExp => {
  const translated = translatedPattern(pattern);
  try {
    return new RegExp(translated, "u");
  } catch {
    return new RegExp(translated);
  }
};

/** AWS's patterns hold for the whole value, whether or not they are anchored. */
const matches = (pattern: string, value: string): boolean => matcher(`^(?:${pattern})$`).test(value);

const ofText = (schema: Schema, value: string): readonly string[] => [
  ...(schema.pattern !== undefined && !matches(schema.pattern, value) ? [`matches ${schema.pattern}`] : []),
  ...(value.length > (schema.maxLength ?? Number.POSITIVE_INFINITY) ? [`at most ${schema.maxLength} characters`] : []),
  ...(value.length < (schema.minLength ?? 0) ? [`at least ${schema.minLength} characters`] : []),
];

const ofNumber = (schema: Schema, value: number): readonly string[] => [
  ...(value > (schema.maximum ?? Number.POSITIVE_INFINITY) ? [`at most ${schema.maximum}`] : []),
  ...(value < (schema.minimum ?? Number.NEGATIVE_INFINITY) ? [`at least ${schema.minimum}`] : []),
];

const ofList = (schema: Schema, value: readonly unknown[]): readonly string[] => [
  ...(value.length > (schema.maxItems ?? Number.POSITIVE_INFINITY) ? [`at most ${schema.maxItems} of them`] : []),
  ...(value.length < (schema.minItems ?? 0) ? [`at least ${schema.minItems} of them`] : []),
];

const ofScalar = (schema: Schema, value: unknown): readonly string[] => [
  ...(schema.enum && !schema.enum.includes(value) ? [`one of ${schema.enum.join(", ")}`] : []),
  ...(typeof value === "string" ? ofText(schema, value) : []),
  ...(typeof value === "number" ? ofNumber(schema, value) : []),
];

/**
 * What a value breaks. Names that the schema does not know are not looked at here: the translation
 * told of them.
 */
export const violations = (
  value: unknown,
  schema: Schema,
  resolve: Resolve,
  path: readonly string[] = [],
): readonly Violation[] => {
  const flat = flattened(schema, resolve);
  const here = (rules: readonly string[]) => rules.map((rule) => ({ path, rule }));
  if (Array.isArray(value)) {
    const items = flat.items ?? {};
    return [
      ...here(ofList(flat, value)),
      ...value.flatMap((each, index) => violations(each, items, resolve, [...path, String(index)])),
    ];
  }
  if (typeof value !== "object" || value === null) return here(ofScalar(flat, value));
  const missing = (flat.required ?? []).filter((name) => !(name in value));
  const values = typeof flat.additionalProperties === "object" ? flat.additionalProperties : {};
  return [
    ...here(missing.map((name) => `${name} is required`)),
    ...Object.entries(value).flatMap(([name, each]) =>
      violations(each, flat.properties?.[name] ?? values, resolve, [...path, name]),
    ),
  ];
};
