import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Asked, Finding } from "./finding.ts";
import { type CloudFormationSchema, library, region } from "./library.ts";
import { awsNamesOf } from "./resource-types.ts";
import type { Resolve } from "./schema.ts";
import { originOf, type Translation, translated } from "./translate.ts";

const resolver =
  ({ definitions = {} }: CloudFormationSchema): Resolve =>
  (ref) => {
    const found = definitions[ref.replace("#/definitions/", "")];
    if (!found) throw new Error(`the schema has no ${ref}`);
    return found;
  };

export type Declared = { readonly type: string; readonly translation: Translation };

/**
 * A resource as CloudFormation would be asked for it; undefined where CloudFormation has no such
 * type.
 */
export const declared = ({ type, inputs }: Asked): Declared | undefined => {
  const { cloudFormation } = awsNamesOf(type);
  const schema = cloudFormation === undefined ? undefined : library().cloudFormationSchema(cloudFormation);
  if (cloudFormation === undefined || schema === undefined) return undefined;
  const [, , resource = ""] = cloudFormation.split("::");
  const resolve = resolver(schema);
  return { type: cloudFormation, translation: translated(inputs, { type, resource, schema, resolve }) };
};

type Match = {
  readonly Filename: string;
  readonly Message: string;
  readonly Rule: { readonly Id: string };
  readonly Location: { readonly Path?: readonly (string | number)[] | null };
};

/**
 * What cfn-lint says of these templates. It ends with a code that tells of findings, which is no
 * fault.
 */
const linted = async (files: readonly string[]): Promise<readonly Match[]> => {
  const args = [library().program("cfn-lint"), "--format", "json", "--regions", region, "--template", ...files];
  const options = { maxBuffer: 64 * 1024 * 1024 };
  const { stdout, stderr } = await promisify(execFile)(library().program("python"), args, options).catch(
    (fault: { stdout?: string; stderr?: string }) => ({ stdout: fault.stdout ?? "", stderr: fault.stderr ?? "" }),
  );
  if (!stdout.trim().startsWith("[")) throw new Error(`cfn-lint could not be run: ${stderr || stdout}`);
  return JSON.parse(stdout);
};

/** What cfn-lint asks of who writes templates, which this graph is not. */
const ofTemplates: Readonly<Record<string, string>> = {
  W2501: "no template holds the password: Pulumi keeps it as a secret",
  W3010: "SST asks the account for its zones",
  W3687: "the provider requires the ports of a rule for all protocols, and AWS ignores them (vpc_security_group.go)",
};

const logicalId = (index: number): string => `R${index}`;

type AskedAs = { readonly resource: Asked; readonly as: Declared | undefined };

const template = (all: readonly AskedAs[]): string => {
  const entries = all.flatMap(({ as }, index) =>
    as ? [[logicalId(index), { Type: as.type, Properties: as.translation.value }]] : [],
  );
  return JSON.stringify({ Resources: Object.fromEntries(entries) });
};

const finding = ({ Message, Rule, Location }: Match, all: readonly AskedAs[]): Finding => {
  const [, id = "", , ...path] = (Location.Path ?? []).map(String);
  const { resource, as } = all[Number(id.slice(1))] ?? {};
  return {
    type: resource?.type ?? "?",
    resource: resource?.name ?? id,
    property: as ? originOf(path, as.translation.origins) : path.join("."),
    rule: Message,
    source: `CloudFormation's schema of ${as?.type}, cfn-lint ${Rule.Id}`,
  };
};

/**
 * Holds the resources of several graphs to CloudFormation's schemas, and to what cfn-lint knows
 * besides: engines, instance types, runtimes, policies, state machines. One run of cfn-lint for
 * all: it takes two seconds to start.
 */
export const cloudFormationFindings = async (
  graphs: readonly (readonly Asked[])[],
): Promise<readonly (readonly Finding[])[]> => {
  const asked = graphs.map((resources) => resources.map((resource) => ({ resource, as: declared(resource) })));
  const folder = mkdtempSync(join(tmpdir(), "sluice-rules-"));
  const files = asked.map((_, index) => join(folder, `${index}.json`));
  try {
    for (const [index, all] of asked.entries()) writeFileSync(files[index] as string, template(all));
    const matches = (await linted(files)).filter(({ Rule }) => !(Rule.Id in ofTemplates));
    return asked.map((all, index) =>
      matches.filter(({ Filename }) => Filename === files[index]).map((match) => finding(match, all)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
