import type { Graph, GraphResource, Inputs } from "../graph.ts";
import type { Asked } from "./finding.ts";

/**
 * The graph as AWS would see it: the names that the deploy gives are in place, and what the mocks
 * made up looks like AWS's own. So a rule about the form of a value tells what it is, too: a subnet
 * where a security group belongs does not begin with `sg-`.
 */
const prefixes: Readonly<Record<string, string>> = {
  "ec2/eip:Eip": "eipalloc",
  "ec2/eipAssociation:EipAssociation": "eipassoc",
  "ec2/instance:Instance": "i",
  "ec2/internetGateway:InternetGateway": "igw",
  "ec2/natGateway:NatGateway": "nat",
  "ec2/routeTable:RouteTable": "rtb",
  "ec2/securityGroup:SecurityGroup": "sg",
  "ec2/subnet:Subnet": "subnet",
  "ec2/vpc:Vpc": "vpc",
  "ec2/vpcEndpoint:VpcEndpoint": "vpce",
};

const short = (index: number): string => `a${index.toString(36).padStart(9, "0")}`;

const id = ({ type, name, inputs, named }: GraphResource, index: number): string => {
  const token = type.replace(/^aws:/, "");
  const prefix = prefixes[token];
  if (prefix !== undefined) return `${prefix}-${index.toString(16).padStart(17, "0")}`;
  if (token === "cognito/userPool:UserPool") return `eu-central-1_AbCdEf${index.toString(36)}`;
  if (token.startsWith("apigatewayv2/") || token.startsWith("cognito/")) return short(index);
  if (token === "secretsmanager/secret:Secret")
    return `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${named?.["name"] ?? inputs["name"]}-AbCdEf`;
  const given = { ...named, ...inputs };
  return String(given["name"] ?? given["clusterIdentifier"] ?? given["identifier"] ?? name);
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Puts the identifiers of AWS's form in place of the mocks' `NAME-id`, wherever a text has one. */
const replacer = (resources: readonly GraphResource[]): ((text: string) => string) => {
  const ids = new Map(resources.map((resource, index) => [`${resource.name}-id`, id(resource, index + 1)]));
  const tokens = [...ids.keys()].sort((left, right) => right.length - left.length).map(escaped);
  const pattern = new RegExp(`(?<![A-Za-z0-9])(${tokens.join("|")})(?![A-Za-z0-9])`, "g");
  return (text) =>
    text
      .replace(pattern, (token) => ids.get(token) ?? token)
      .replace(/(:kafka:[^"\s]*?)\/0000-0\b/g, "$1/00000000-0000-4000-8000-000000000000-1");
};

type Statement = Readonly<Record<string, unknown>> & { readonly conditions?: readonly Condition[] };
type Condition = { readonly test: string; readonly variable: string; readonly values: readonly string[] };
type Principal = { readonly type: string; readonly identifiers: readonly string[] };

/**
 * What the provider's `getPolicyDocument` answers:
 * `internal/service/iam/policy_document_data_source.go`.
 */
const written = ({
  effect = "Allow",
  actions,
  notActions,
  resources,
  conditions = [],
  principals,
  sid,
}: Statement) => ({
  ...(sid !== undefined && { Sid: sid }),
  Effect: effect,
  ...(actions !== undefined && { Action: actions }),
  ...(notActions !== undefined && { NotAction: notActions }),
  ...(resources !== undefined && { Resource: resources }),
  ...(principals !== undefined && {
    Principal: Object.fromEntries((principals as Principal[]).map(({ type, identifiers }) => [type, identifiers])),
  }),
  ...(conditions.length > 0 && {
    Condition: Object.fromEntries(
      conditions.map(({ test, variable, values }) => [test, { [variable]: values.length === 1 ? values[0] : values }]),
    ),
  }),
});

/** The mocks leave a policy document as SST asked for it. */
const document = (text: string): string => {
  if (!text.startsWith('{"statements"')) return text;
  const { statements } = JSON.parse(text) as { statements: readonly Statement[] };
  return JSON.stringify({ Version: "2012-10-17", Statement: statements.map(written) });
};

const mapped = (value: unknown, text: (value: string) => string): unknown => {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return value.map((each) => mapped(each, text));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mapped(each, text)]));
};

/** The resources of AWS alone. */
export const realistic = ({ resources }: Graph): readonly Asked[] => {
  const replaced = replacer(resources);
  return resources
    .filter(({ type }) => type.startsWith("aws:"))
    .map(({ type, name, inputs, named }) => ({
      type,
      name,
      inputs: mapped({ ...named, ...inputs }, (text) => document(replaced(text))) as Inputs,
    }));
};
