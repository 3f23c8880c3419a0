import type { Asked, Finding } from "./finding.ts";

/**
 * A finding that is none, and why. A row holds for one property of a type and for one value or one
 * rule: another is told again.
 */
type Row = {
  readonly type: string;
  readonly property: string;
  /** The start of the source that is wrong. */
  readonly source: string;
  readonly value?: unknown;
  /** A part of the rule, where the value is a whole document. */
  readonly rule?: string;
  readonly reason: string;
};

export const allowed: readonly Row[] = [
  {
    type: "aws:iam/policy:Policy",
    property: "policy",
    source: "parliament RESOURCE_MISMATCH",
    rule: '"action":"states:DescribeExecution","required_format":"arn:*:states:*:*:express:',
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
    reason:
      "parliament asks for both kinds that the action takes; ours are standard executions, and none is an express one",
  },
  {
    type: "aws:opensearch/domain:Domain",
    property: "clusterConfig.instanceType",
    source: "AWS's request model",
    value: "m7g.medium.search",
    // https://docs.aws.amazon.com/opensearch-service/latest/developerguide/supported-instance-types.html
    reason: "the model's list ends before the seventh generation; cfn-lint's list of the region and AWS's page have it",
  },
  {
    type: "aws:rds/cluster:Cluster",
    property: "storageType",
    source: "CloudFormation's schema",
    value: "",
    reason: "Aurora's standard storage has the empty name in the provider, which then sends none (rds/cluster.go)",
  },
];

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], value);

const allows = (row: Row, { type, property, source }: Finding): boolean =>
  row.type === type && row.property === property && source.startsWith(row.source);

export const isAllowed = (finding: Finding, resources: readonly Asked[]): boolean =>
  allowed.some((row) => {
    const resource = resources.find(({ type, name }) => type === finding.type && name === finding.resource);
    const isTheOne =
      row.rule === undefined
        ? valueAt(resource?.inputs, row.property.split(".")) === row.value
        : finding.rule.includes(row.rule);
    return allows(row, finding) && isTheOne;
  });
