import type { Asked } from "./finding.ts";

export type Statement = {
  readonly Effect: "Allow" | "Deny";
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

/** One IAM document of the graph. */
export type PolicyDocument = {
  readonly resource: Asked;
  readonly property: string;
  /**
   * Who it is for: a role or people (`identity`), a thing that is asked (`resource`), or who may
   * take a role (`trust`).
   */
  readonly kind: "identity" | "resource" | "trust";
  readonly text: string;
};

/** By type, the properties that hold a document. */
const places: Readonly<Record<string, readonly (readonly [property: string, kind: PolicyDocument["kind"]])[]>> = {
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": [["policyDocument", "resource"]],
  "aws:ec2/vpcEndpoint:VpcEndpoint": [["policy", "resource"]],
  "aws:iam/policy:Policy": [["policy", "identity"]],
  "aws:iam/role:Role": [["assumeRolePolicy", "trust"]],
  "aws:iam/rolePolicy:RolePolicy": [["policy", "identity"]],
  "aws:opensearch/domain:Domain": [["accessPolicies", "resource"]],
  "aws:opensearch/domainPolicy:DomainPolicy": [["accessPolicies", "resource"]],
  "aws:secretsmanager/secretPolicy:SecretPolicy": [["policy", "resource"]],
  "aws:sns/topicPolicy:TopicPolicy": [["policy", "resource"]],
};

const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

export const documentsOf = (resource: Asked): readonly PolicyDocument[] => {
  const inline = (resource.inputs["inlinePolicies"] ?? []) as readonly { readonly policy: unknown }[];
  return [
    ...(places[resource.type] ?? [])
      .filter(([property]) => resource.inputs[property] !== undefined)
      .map(([property, kind]) => ({ resource, property, kind, text: asText(resource.inputs[property]) })),
    ...inline.map(({ policy }, index) => ({
      ...{ resource, text: asText(policy) },
      property: `inlinePolicies.${index}.policy`,
      kind: "identity" as const,
    })),
  ];
};

export const statementsOf = ({ text }: PolicyDocument): readonly Statement[] => {
  const { Statement = [] } = JSON.parse(text) as { readonly Statement?: Statement | readonly Statement[] };
  return [Statement].flat() as readonly Statement[];
};

export const listed = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : ([value].flat() as readonly string[]);
