import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Asked, Finding } from "./finding.ts";
import { library } from "./library.ts";
import { brokenActions, isAction } from "./policy-actions.ts";
import { documentsOf, type PolicyDocument, statementsOf } from "./policy-documents.ts";

/**
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: white space does not
 * count.
 */
const quotas = "IAM guide, quotas";
const mostInline = 10_240; // of all that a role has inline, together
const mostManaged = 6_144;
const mostTrust = 2_048;

const size = ({ text }: PolicyDocument): number => text.replace(/\s/g, "").length;

const at = ({ resource: { type, name }, property }: PolicyDocument, rule: string, source: string): Finding => ({
  ...{ type, property, rule, source },
  resource: name,
});

const mostOf = ({ kind, resource }: PolicyDocument): number | undefined => {
  if (kind === "trust") return mostTrust;
  return resource.type === "aws:iam/policy:Policy" ? mostManaged : undefined;
};

/** To which role a document is inline. */
const roleOf = ({ resource, kind }: PolicyDocument): string | undefined => {
  if (kind !== "identity" || resource.type === "aws:iam/policy:Policy") return undefined;
  return String(resource.type === "aws:iam/role:Role" ? resource.inputs["name"] : resource.inputs["role"]);
};

const tooLong = (documents: readonly PolicyDocument[]): readonly Finding[] => {
  const roles = [...new Set(documents.map(roleOf))].filter((role) => role !== undefined);
  return [
    ...documents.flatMap((document) => {
      const most = mostOf(document) ?? Number.POSITIVE_INFINITY;
      return size(document) > most ? [at(document, `at most ${most} characters, not ${size(document)}`, quotas)] : [];
    }),
    ...roles.flatMap((role) => {
      const inline = documents.filter((document) => roleOf(document) === role);
      const sum = inline.map(size).reduce((left, right) => left + right, 0);
      const [first] = inline;
      return first && sum > mostInline
        ? [at(first, `what a role has inline is at most ${mostInline} characters together, not ${sum}`, quotas)]
        : [];
    }),
  ];
};

/**
 * IAM takes tab, line feed, carriage return and U+0020 to U+00FF: the pattern of `policyDocument`
 * in its API.
 */
const strange = (documents: readonly PolicyDocument[]): readonly Finding[] =>
  documents
    .filter(({ text }) => !/^[\t\n\r\u0020-\u00FF]+$/.test(text))
    .map((document) => at(document, "no characters beyond U+00FF", "IAM API, policy document"));

const ofActions = (documents: readonly PolicyDocument[]): readonly Finding[] =>
  documents.flatMap((document) =>
    statementsOf(document)
      .flatMap(brokenActions)
      .map((rule) => at(document, rule, "AWS's Service Authorization Reference, cfn-lint Policies.json")),
  );

type Issue = {
  readonly issue: string;
  readonly title: string;
  readonly detail: unknown;
  readonly location: { readonly filepath?: string; readonly string?: unknown };
};

/**
 * parliament's actions are of April 2025: one that AWS has added since is known to cfn-lint, whose
 * list is asked besides.
 */
const isOutdated = ({ issue, location }: Issue): boolean =>
  issue.startsWith("UNKNOWN_") && typeof location.string === "string" && isAction(location.string);

/**
 * parliament reads policies of identities; it says nothing and ends with 0 where there is nothing
 * to say.
 */
const linted = async (documents: readonly PolicyDocument[]): Promise<readonly (readonly [number, Issue])[]> => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-policies-"));
  try {
    for (const [index, { text }] of documents.entries()) writeFileSync(join(folder, `${index}.json`), text);
    const args = [library().program("parliament"), "--directory", folder, "--json"];
    const options = { maxBuffer: 64 * 1024 * 1024 };
    const { stdout, stderr, code } = await promisify(execFile)(library().program("python"), args, options).then(
      (said) => ({ ...said, code: 0 }),
      (fault: { stdout?: string; stderr?: string; code?: number }) => ({ stdout: "", stderr: "", code: 1, ...fault }),
    );
    if (code !== 0 && stdout.trim() === "") throw new Error(`parliament could not be run: ${stderr}`);
    return stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Issue)
      .map((issue) => [Number(/(\d+)\.json$/.exec(issue.location.filepath ?? "")?.[1]), issue] as const);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/**
 * For each graph what its IAM documents break: sizes, characters, actions, kinds of resources, and
 * what parliament says of them.
 */
export const policyFindings = async (
  graphs: readonly (readonly Asked[])[],
): Promise<readonly (readonly Finding[])[]> => {
  const documents = graphs.map((resources) => resources.flatMap(documentsOf));
  const owners = documents.flatMap((of, graph) => of.map((document) => ({ graph, document })));
  const identities = owners.filter(({ document: { kind } }) => kind === "identity");
  const issues = (await linted(identities.map(({ document }) => document))).filter(([, issue]) => !isOutdated(issue));
  return documents.map((of, graph) => [
    ...tooLong(of),
    ...strange(of),
    ...ofActions(of),
    ...issues.flatMap(([index, { issue, title, detail }]) => {
      const owner = identities[index];
      return owner?.graph === graph
        ? [at(owner.document, `${title}: ${JSON.stringify(detail)}`, `parliament ${issue}`)]
        : [];
    }),
  ]);
};
