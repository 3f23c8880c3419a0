import type { Asked, Finding } from "./finding.ts";
import { library, type ServiceModel, type Shape } from "./library.ts";
import { awsNamesOf } from "./resource-types.ts";
import { type Resolve, type Schema, violations } from "./schema.ts";
import { originOf, type Translation, translated } from "./translate.ts";

const isText = (shape: Shape): boolean => shape.type === "string" || shape.type === "blob";

const limits = ({ min, max, ...shape }: Shape): Schema => {
  const [least, most] = isText({ ...shape })
    ? (["minLength", "maxLength"] as const)
    : shape.type === "list"
      ? (["minItems", "maxItems"] as const)
      : (["minimum", "maximum"] as const);
  return { ...(min !== undefined && { [least]: min }), ...(max !== undefined && { [most]: max }) };
};

const types: Readonly<Record<string, string>> = {
  structure: "object",
  map: "object",
  list: "array",
  blob: "string",
  timestamp: "string",
  long: "integer",
  double: "number",
  float: "number",
};

const ref = (shape: string): Schema => ({ $ref: shape });

/** A shape of botocore's as a schema. */
const schemaOf = (shape: Shape): Schema => ({
  type: types[shape.type] ?? shape.type,
  ...limits(shape),
  ...(shape.pattern !== undefined && { pattern: shape.pattern }),
  ...(shape.enum && { enum: shape.enum }),
  ...(shape.required && { required: shape.required }),
  ...(shape.member && { items: ref(shape.member.shape) }),
  ...(shape.value && { additionalProperties: ref(shape.value.shape) }),
  ...(shape.members && {
    properties: Object.fromEntries(Object.entries(shape.members).map(([name, { shape: of }]) => [name, ref(of)])),
  }),
});

const resolver =
  (model: ServiceModel): Resolve =>
  (name) => {
    const shape = model.shapes[name];
    if (!shape) throw new Error(`botocore has no shape ${name}`);
    return schemaOf(shape);
  };

export type Request = {
  /** `rds:CreateDBProxy` */
  readonly name: string;
  readonly translation: Translation;
  readonly findings: readonly Finding[];
};

const sourceOf = (name: string): string => `AWS's request model, botocore ${name}`;

/** The requests that make a resource, with what its inputs break of AWS's own model of them. */
export const requestsOf = ({ type, name: resource, inputs }: Asked): readonly Request[] =>
  awsNamesOf(type).requests.map(([service, operation], index) => {
    const model = library().serviceModel(service);
    const input = model?.operations[operation]?.input;
    if (!model || !input) throw new Error(`botocore has no request ${service}.${operation}`);
    const resolve = resolver(model);
    const schema = resolve(input.shape);
    const noun = operation.replace(/^[A-Z][a-z]+/, "");
    const translation = translated(inputs, { type, resource: noun, schema, resolve });
    const name = `${service}:${operation}`;
    // The first request makes the resource; those after it take what the first does not, and know
    // it by what the first answered.
    const broken = violations(translation.value, schema, resolve).filter(({ path }) => index === 0 || path.length > 0);
    const findings = broken.map(({ path, rule }) => ({
      type,
      resource,
      property: originOf(path, translation.origins),
      rule,
      source: sourceOf(name),
    }));
    return { name, translation, findings };
  });
