import { library } from "./library.ts";

/** What a resource of Pulumi's provider is called by AWS. */
export type AwsNames = {
  /** `AWS::RDS::DBProxy`; undefined where CloudFormation has no such type. */
  readonly cloudFormation: string | undefined;
  /**
   * `["rds", "CreateDBProxy"]`: the service in botocore and the requests that make it; none where
   * Terraform alone knows the resource.
   */
  readonly requests: readonly (readonly [service: string, operation: string])[];
};

/**
 * Modules of Pulumi's that CloudFormation or botocore name otherwise: [CloudFormation, botocore].
 */
const modules: Readonly<Record<string, readonly [string, string]>> = {
  appautoscaling: ["ApplicationAutoScaling", "application-autoscaling"],
  cognito: ["Cognito", "cognito-idp"],
  msk: ["MSK", "kafka"],
  opensearch: ["OpenSearchService", "opensearch"],
  sfn: ["StepFunctions", "stepfunctions"],
  vpc: ["EC2", "ec2"],
};

type Exception = { readonly cloudFormation?: string | null; readonly requests?: readonly `${string}.${string}`[] };

/** Resources whose names no rule gives. `null`: CloudFormation has none. */
const exceptions: Readonly<Record<string, Exception>> = {
  "appautoscaling/policy:Policy": {
    cloudFormation: "AWS::ApplicationAutoScaling::ScalingPolicy",
    requests: ["application-autoscaling.PutScalingPolicy"],
  },
  "appautoscaling/target:Target": {
    cloudFormation: "AWS::ApplicationAutoScaling::ScalableTarget",
    requests: ["application-autoscaling.RegisterScalableTarget"],
  },
  "budgets/budget:Budget": { cloudFormation: "AWS::Budgets::Budget", requests: ["budgets.CreateBudget"] },
  "cloudwatch/logGroup:LogGroup": {
    cloudFormation: "AWS::Logs::LogGroup",
    requests: ["logs.CreateLogGroup", "logs.PutRetentionPolicy"],
  },
  "cloudwatch/metricAlarm:MetricAlarm": { cloudFormation: "AWS::CloudWatch::Alarm" },
  "cognito/resourceServer:ResourceServer": { cloudFormation: "AWS::Cognito::UserPoolResourceServer" },
  // The VPC's own group, of which the provider takes all rules off: no type in CloudFormation, and
  // no request makes it.
  "ec2/defaultSecurityGroup:DefaultSecurityGroup": {
    cloudFormation: null,
    requests: ["ec2.AuthorizeSecurityGroupIngress"],
  },
  "ec2/eip:Eip": { requests: ["ec2.AllocateAddress"] },
  "ec2/eipAssociation:EipAssociation": { requests: ["ec2.AssociateAddress"] },
  "ec2/instance:Instance": { requests: ["ec2.RunInstances"] },
  "ec2/routeTable:RouteTable": { requests: ["ec2.CreateRouteTable", "ec2.CreateRoute"] },
  "ec2/routeTableAssociation:RouteTableAssociation": {
    cloudFormation: "AWS::EC2::SubnetRouteTableAssociation",
    requests: ["ec2.AssociateRouteTable"],
  },
  "ec2/vpcEndpoint:VpcEndpoint": { cloudFormation: "AWS::EC2::VPCEndpoint", requests: ["ec2.CreateVpcEndpoint"] },
  "iam/policy:Policy": { cloudFormation: "AWS::IAM::ManagedPolicy" },
  "iam/role:Role": { requests: ["iam.CreateRole", "iam.PutRolePolicy"] },
  "lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": { cloudFormation: "AWS::Lambda::EventInvokeConfig" },
  "lambda/function:Function": { requests: ["lambda.CreateFunction", "lambda.PutFunctionConcurrency"] },
  // A call, not a thing: the provider invokes the function when a trigger changes.
  "lambda/invocation:Invocation": { cloudFormation: null, requests: ["lambda.Invoke"] },
  "msk/serverlessCluster:ServerlessCluster": { requests: ["kafka.CreateClusterV2"] },
  "opensearch/domainPolicy:DomainPolicy": {
    cloudFormation: null, // CloudFormation has it as a property of the domain
    requests: ["opensearch.UpdateDomainConfig"],
  },
  "rds/clusterInstance:ClusterInstance": { cloudFormation: "AWS::RDS::DBInstance", requests: ["rds.CreateDBInstance"] },
  "rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": {
    cloudFormation: "AWS::RDS::DBProxyTargetGroup",
    requests: ["rds.ModifyDBProxyTargetGroup"],
  },
  // CloudFormation has the target as a property of the group.
  "rds/proxyTarget:ProxyTarget": {
    cloudFormation: "AWS::RDS::DBProxyTargetGroup",
    requests: ["rds.RegisterDBProxyTargets"],
  },
  "s3/bucketObjectv2:BucketObjectv2": { cloudFormation: null, requests: ["s3.PutObject"] },
  "secretsmanager/secretVersion:SecretVersion": { cloudFormation: null, requests: ["secretsmanager.PutSecretValue"] },
  "sns/topicSubscription:TopicSubscription": { cloudFormation: "AWS::SNS::Subscription", requests: ["sns.Subscribe"] },
  "vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
    cloudFormation: "AWS::EC2::SecurityGroupIngress",
    requests: ["ec2.AuthorizeSecurityGroupIngress"],
  },
  "vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
    cloudFormation: "AWS::EC2::SecurityGroupEgress",
    requests: ["ec2.AuthorizeSecurityGroupEgress"],
  },
};

const same = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();

/** `AWS::RDS::DBCluster` for `rds`, `Cluster`. */
const cloudFormationType = (module: string, name: string): string | undefined =>
  library()
    .cloudFormationTypes()
    .find((type) => {
      const [, service = "", resource = ""] = type.split("::");
      return (
        same(service, module) && (same(resource, name) || same(resource, `DB${name}`) || same(resource, module + name))
      );
    });

const making = ["Create", "Put", "Add"];

/** `CreateDBCluster` for `rds`, `Cluster`. */
const creating = (service: string, name: string): string | undefined =>
  library()
    .operations(service)
    .find((operation) => making.some((verb) => same(operation, verb + name) || same(operation, `${verb}DB${name}`)));

/** AWS's names of a type, by the rule or by the table above. */
export const awsNamesOf = (type: string): AwsNames => {
  const [, token = ""] = /^aws:(.+)$/.exec(type) ?? [];
  const [module = "", name = ""] = [token.split("/")[0], token.split(":")[1]];
  const [inCloudFormation, service] = modules[module] ?? [module, module];
  const exception = exceptions[token];
  const derived = creating(service, name);
  return {
    cloudFormation:
      exception?.cloudFormation === undefined
        ? cloudFormationType(inCloudFormation, name)
        : (exception.cloudFormation ?? undefined),
    requests:
      exception?.requests?.map((request) => request.split(".") as [string, string]) ??
      (derived === undefined ? [] : [[service, derived]]),
  };
};
