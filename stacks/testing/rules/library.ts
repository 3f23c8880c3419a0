import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { pythonTools } from "../../../scripts/python/python-tools.ts";
import type { Schema } from "./schema.ts";

const requirements = join(import.meta.dirname, "requirements.txt");

/** AWS's rules as PyPI's packages ship them, in a venv of their own; or why they cannot be had. */
export const rulesTools = await pythonTools({ name: "aws-rules", requirements, env: process.env });

/** The mocked stages are in this region. */
export const region = "eu-central-1";

export type CloudFormationSchema = Schema & {
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly primaryIdentifier?: readonly string[];
  readonly readOnlyProperties?: readonly string[];
};

/** A shape of botocore's `service-2.json`. */
export type Shape = {
  readonly type: string;
  readonly members?: Readonly<Record<string, { readonly shape: string; readonly locationName?: string }>>;
  readonly required?: readonly string[];
  readonly member?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
};
export type ServiceModel = {
  readonly operations: Readonly<Record<string, { readonly input?: { readonly shape: string } }>>;
  readonly shapes: Readonly<Record<string, Shape>>;
};

const readJson = <T>(file: string): T => {
  const bytes = readFileSync(file);
  return JSON.parse((file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"));
};

const once = <T>(make: (key: string) => T): ((key: string) => T) => {
  const made = new Map<string, T>();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key) as T;
  };
};

const packagesOf = (bin: string): string => {
  const lib = join(bin, "../lib");
  const [python = ""] = readdirSync(lib).filter((name) => name.startsWith("python"));
  return join(lib, python, "site-packages");
};

const opened = (bin: string) => {
  const packages = packagesOf(bin);
  const schemas = join(packages, "cfnlint/data/schemas");
  const files = readJson<Record<string, string>>(join(schemas, `providers/${region}.json`));
  const schema = once((type) => readJson<CloudFormationSchema>(join(schemas, `resources/${files[type]}.json`)));
  const model = once((service): ServiceModel | undefined => {
    const folder = join(packages, "botocore/data", service);
    if (!existsSync(folder)) return undefined;
    const [newest = ""] = readdirSync(folder).sort().reverse();
    return readJson<ServiceModel>(join(folder, newest, "service-2.json.gz"));
  });
  return {
    packages,
    cloudFormationTypes: () => Object.keys(files),
    cloudFormationSchema: (type: string) => (type in files ? schema(type) : undefined),
    serviceModel: model,
    operations: (service: string) => Object.keys(model(service)?.operations ?? {}),
    /** A program of the venv. */
    program: (name: string) => join(bin, name),
    /** The data of AWS's Service Authorization Reference, as cfn-lint ships them. */
    authorizationReference: <T>() => readJson<T>(join(packages, "cfnlint/data/AdditionalSpecs/Policies.json")),
    /** The same as parliament ships it: older, and with condition keys for each action. */
    iamDefinition: <T>() => readJson<T>(join(packages, "parliament/iam_definition.json")),
  };
};

export type Library = ReturnType<typeof opened>;

let found: Library | undefined;

/** The files of the venv, read when somebody asks. */
export const library = (): Library => {
  if (rulesTools.kind === "none") throw new Error(rulesTools.why);
  found ??= opened(rulesTools.bin);
  return found;
};
