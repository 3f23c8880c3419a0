import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, type ScalarTag } from "yaml";
import { repository } from "../../scripts/stack/paths.ts";
import { type Role, type RoleStatement, statementsOf } from "./roles.ts";

export const account = "123456789012";
export const region = "eu-central-1";

type Document = { readonly Statement: readonly Readonly<Record<string, unknown>>[] };
type RoleProperties = {
  readonly RoleName: string;
  readonly MaxSessionDuration?: number;
  readonly AssumeRolePolicyDocument: Document;
  readonly Policies?: readonly { readonly PolicyDocument: Document }[];
};
type Template = {
  readonly Resources: {
    readonly DeployRole: { readonly Properties: RoleProperties };
    readonly DiffRole: { readonly Properties: RoleProperties };
    readonly DeployPolicy: { readonly Properties: { readonly PolicyDocument: Document } };
  };
};

const scalar = (tag: string, resolve: (text: string) => string): ScalarTag => ({ tag, resolve });

/**
 * The template as CloudFormation reads it for a stage; of its functions those that stand in its
 * policies.
 */
const templateOf = (stage: string, repositoryName: string): Template => {
  const parameters: Readonly<Record<string, string>> = {
    Stage: stage,
    Repository: repositoryName,
    "AWS::Region": region,
    "AWS::AccountId": account,
  };
  const value = (name: string): string => parameters[name] ?? name;
  return parse(readFileSync(join(repository, "ops/aws/pipeline-roles.yaml"), "utf8"), {
    customTags: [
      scalar("!Ref", value),
      scalar("!Sub", (text) => text.replaceAll(/\$\{([\w:]+)\}/g, (_, name) => value(name))),
      scalar("!GetAtt", (text) => text),
      { tag: "!If", collection: "seq", resolve: (list) => list },
      { tag: "!Equals", collection: "seq", resolve: (list) => list },
    ],
  });
};

export type PipelineRoles = {
  readonly deploy: Role;
  readonly diff: Role;
  /** Whose tokens each takes. */
  readonly subjects: { readonly deploy: string; readonly diff: string };
  readonly deploySeconds: number;
  /** As IAM counts it: without white space. */
  readonly policyLength: number;
};

const subjectOf = ({ AssumeRolePolicyDocument }: RoleProperties): string => {
  const [statement] = AssumeRolePolicyDocument.Statement as readonly {
    readonly Condition: { readonly StringEquals: Readonly<Record<string, string>> };
  }[];
  return statement?.Condition.StringEquals["token.actions.githubusercontent.com:sub"] ?? "";
};

const statements = (document: Document): readonly RoleStatement[] => statementsOf(JSON.stringify(document));

/** The roles in which the pipeline works on a stage, as `roles.ts` weighs them. */
export const pipelineRoles = (stage: string, repositoryName = "OWNER@1/NAME@2"): PipelineRoles => {
  const { DeployRole, DiffRole, DeployPolicy } = templateOf(stage, repositoryName).Resources;
  const deployDocument = DeployPolicy.Properties.PolicyDocument;
  return {
    deploy: { name: DeployRole.Properties.RoleName, statements: statements(deployDocument) },
    diff: {
      name: DiffRole.Properties.RoleName,
      statements: (DiffRole.Properties.Policies ?? []).flatMap(({ PolicyDocument }) => statements(PolicyDocument)),
    },
    subjects: { deploy: subjectOf(DeployRole.Properties), diff: subjectOf(DiffRole.Properties) },
    deploySeconds: DeployRole.Properties.MaxSessionDuration ?? 3_600,
    policyLength: JSON.stringify(deployDocument).replaceAll(/\s/g, "").length,
  };
};
