import type { Asked, Finding } from "./finding.ts";
import { between, file, matches, oneOf, type Row, rows } from "./validator-rows.ts";
import { validatorsOfFunctions } from "./validators-of-functions.ts";
import { validatorsOfStores } from "./validators-of-stores.ts";

/**
 * Rules that no schema of AWS has: those of the Terraform provider, of Pulumi, and of single pages
 * of AWS. Each row of the provider names its file and the commit whose version was read. The values
 * of an enumeration stand in AWS's SDK, not in the file; they are those of the request models.
 */
const ofTheProvider: readonly Row[] = [...validatorsOfFunctions, ...validatorsOfStores];

/** Types whose file was read and has no validator that a property of ours meets. */
export const readWithoutRule: Readonly<Record<string, string>> = {
  "aws:apigatewayv2/apiMapping:ApiMapping": `${file("apigatewayv2/api_mapping.go", "0576a14249ed")} checks nothing`,
  "aws:appautoscaling/target:Target": `${file("appautoscaling/target.go", "0105d2191ae7")} checks nothing`,
  "aws:ec2/internetGateway:InternetGateway": `${file("ec2/vpc_internet_gateway.go", "08923b68b5ad")} checks nothing`,
  "aws:ec2/routeTable:RouteTable": `${file("ec2/vpc_route_table.go", "022092419b7c")} checks its routes alone`,
  "aws:msk/configuration:Configuration": `${file("kafka/configuration.go", "03412d530417")} checks nothing`,
};

/** Of Pulumi's provider, where its own documentation is narrower than AWS. */
const ofPulumi: readonly Row[] = [
  ...rows("@pulumi/aws 7.20.0 types/input.d.ts", "aws:lambda/eventSourceMapping:EventSourceMapping", {
    "metricsConfig.metrics": oneOf("EventCount"),
  }),
];

/** Of the services, where a page or another tool of AWS's is the only one that tells. */
const ofTheServices: readonly Row[] = [
  ...rows("aws-cdk aws-apigatewayv2/lib/http/route.ts, HttpRouteKey.with", "aws:apigatewayv2/route:Route", {
    routeKey: [matches(/^(\$default|(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) \/\S*)$/), matches(/^(?!.*[^ ]\/$)/)],
  }),
  ...rows("EC2 API, CreateSecurityGroup", "aws:ec2/securityGroup:SecurityGroup", {
    description: matches(/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/),
    name: matches(/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/),
  }),
  ...rows("EC2 API, SecurityGroupRuleRequest", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", {
    description: matches(/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/),
  }),
  ...rows("Lambda guide, provisioned mode", "aws:lambda/eventSourceMapping:EventSourceMapping", {
    "provisionedPollerConfig.minimumPollers": between(1, 200),
    "provisionedPollerConfig.maximumPollers": between(1, 2000),
  }),
];

const validators: readonly Row[] = [...ofTheProvider, ...ofPulumi, ...ofTheServices];

/** The types whose file of the provider was read, with a row or without. */
export const readTypes: readonly string[] = [
  ...new Set([...ofTheProvider.map(({ type }) => type), ...Object.keys(readWithoutRule)]),
];

type Value = { readonly path: readonly string[]; readonly value: unknown };

/** What stands at a dotted path, in every place of the lists on the way. */
const valuesAt = (value: unknown, path: readonly string[], at: readonly string[] = []): readonly Value[] => {
  if (Array.isArray(value)) return value.flatMap((each, index) => valuesAt(each, path, [...at, String(index)]));
  const [first, ...rest] = path;
  if (first === undefined) return [{ path: at, value }];
  if (typeof value !== "object" || value === null || !(first in value)) return [];
  return valuesAt((value as Record<string, unknown>)[first], rest, [...at, first]);
};

export const validatorFindings = ({ type, name: resource, inputs }: Asked): readonly Finding[] =>
  validators
    .filter((row) => row.type === type)
    .flatMap(({ property, asks, holds, source }) =>
      valuesAt(inputs, property === "" ? [] : property.split("."))
        .filter(({ value }) => value !== null && !holds(value))
        .map(({ path }) => ({ type, resource, property: path.join("."), rule: asks, source })),
    );
