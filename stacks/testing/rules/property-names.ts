import type { Schema } from "./schema.ts";

/**
 * Names that no rule gives, by type and property: what it is called in CloudFormation or in the
 * request, seen from where it stands. A dot goes further down. Of several the first that the source
 * knows counts.
 */
const exceptions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "aws:apigatewayv2/stage:Stage": { name: ["StageName"] },
  "aws:appautoscaling/policy:Policy": { name: ["PolicyName"] },
  "aws:budgets/budget:Budget": {
    name: ["Budget.BudgetName"],
    budgetType: ["Budget.BudgetType"],
    costFilters: ["Budget.CostFilters"],
    limitAmount: ["Budget.BudgetLimit.Amount"],
    limitUnit: ["Budget.BudgetLimit.Unit"],
    notifications: ["NotificationsWithSubscribers"],
    timeUnit: ["Budget.TimeUnit"],
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": { name: ["AlarmName"] },
  "aws:cognito/userPool:UserPool": { name: ["UserPoolName", "PoolName"] },
  "aws:cognito/userPoolClient:UserPoolClient": { name: ["ClientName"] },
  "aws:ec2/eipAssociation:EipAssociation": { allocationId: ["AllocationId"] },
  "aws:ec2/instance:Instance": {
    ami: ["ImageId"],
    iamInstanceProfile: ["IamInstanceProfile"],
    vpcSecurityGroupIds: ["SecurityGroupIds"],
  },
  "aws:ec2/route:Route": { cidrBlock: ["DestinationCidrBlock"] },
  "aws:ec2/securityGroup:SecurityGroup": {
    name: ["GroupName"],
    description: ["GroupDescription", "Description"],
    egress: ["SecurityGroupEgress"],
    "egress.cidrBlocks": ["CidrIp"],
    "egress.protocol": ["IpProtocol"],
    ingress: ["SecurityGroupIngress"],
    "ingress.cidrBlocks": ["CidrIp"],
    "ingress.protocol": ["IpProtocol"],
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": { serviceName: ["ServiceName"] },
  "aws:iam/instanceProfile:InstanceProfile": { name: ["InstanceProfileName"], role: ["Roles"] },
  "aws:iam/policy:Policy": { name: ["ManagedPolicyName", "PolicyName"], policy: ["PolicyDocument"] },
  "aws:iam/role:Role": {
    name: ["RoleName"],
    assumeRolePolicy: ["AssumeRolePolicyDocument"],
    inlinePolicies: ["Policies"],
    "inlinePolicies.name": ["PolicyName"],
    "inlinePolicies.policy": ["PolicyDocument"],
  },
  "aws:iam/rolePolicy:RolePolicy": { name: ["PolicyName"], role: ["RoleName"], policy: ["PolicyDocument"] },
  "aws:lambda/function:Function": {
    name: ["FunctionName"],
    s3Bucket: ["Code.S3Bucket"],
    s3Key: ["Code.S3Key"],
    memorySize: ["MemorySize"],
  },
  "aws:lambda/invocation:Invocation": { input: ["Payload"] },
  "aws:sns/topicSubscription:TopicSubscription": { topic: ["TopicArn"] },
  "aws:lambda/permission:Permission": { function: ["FunctionName"] },
  "aws:cloudwatch/logGroup:LogGroup": { name: ["LogGroupName", "logGroupName"] },
  "aws:msk/configuration:Configuration": { kafkaVersions: ["KafkaVersionsList", "KafkaVersions"] },
  "aws:msk/cluster:Cluster": { configurationInfo: ["ConfigurationInfo"] },
  "aws:msk/serverlessCluster:ServerlessCluster": {
    clientAuthentication: ["ClientAuthentication", "Serverless.ClientAuthentication"],
    vpcConfigs: ["VpcConfigs", "Serverless.VpcConfigs"],
    "vpcConfigs.securityGroupIds": ["SecurityGroups", "SecurityGroupIds"],
  },
  "aws:opensearch/domain:Domain": {
    encryptAtRest: ["EncryptionAtRestOptions"],
    nodeToNodeEncryption: ["NodeToNodeEncryptionOptions"],
    "domainEndpointOptions.enforceHttps": ["EnforceHTTPS"],
    "domainEndpointOptions.tlsSecurityPolicy": ["TLSSecurityPolicy"],
  },
  "aws:rds/cluster:Cluster": {
    clusterIdentifier: ["DBClusterIdentifier"],
    enabledCloudwatchLogsExports: ["EnableCloudwatchLogsExports"],
    iamDatabaseAuthenticationEnabled: ["EnableIAMDatabaseAuthentication"],
    masterPassword: ["MasterUserPassword"],
    performanceInsightsEnabled: ["PerformanceInsightsEnabled", "EnablePerformanceInsights"],
  },
  "aws:rds/clusterInstance:ClusterInstance": {
    identifier: ["DBInstanceIdentifier"],
    caCertIdentifier: ["CACertificateIdentifier"],
    clusterIdentifier: ["DBClusterIdentifier"],
    instanceClass: ["DBInstanceClass"],
    performanceInsightsEnabled: ["EnablePerformanceInsights"],
  },
  "aws:rds/clusterParameterGroup:ClusterParameterGroup": {
    name: ["DBClusterParameterGroupName"],
    family: ["Family", "DBParameterGroupFamily"],
  },
  "aws:rds/proxy:Proxy": { name: ["DBProxyName"], auths: ["Auth"] },
  "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": {
    name: ["TargetGroupName"],
    connectionPoolConfig: ["ConnectionPoolConfigurationInfo", "ConnectionPoolConfig"],
  },
  "aws:rds/proxyTarget:ProxyTarget": { dbClusterIdentifier: ["DBClusterIdentifiers"] },
  "aws:rds/subnetGroup:SubnetGroup": { name: ["DBSubnetGroupName"], description: ["DBSubnetGroupDescription"] },
  "aws:secretsmanager/secretVersion:SecretVersion": { secretId: ["SecretId"] },
  "aws:sfn/stateMachine:StateMachine": {
    name: ["StateMachineName", "name"],
    definition: ["DefinitionString", "definition"],
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
    securityGroupId: ["GroupId"],
    referencedSecurityGroupId: ["SourceSecurityGroupId"],
    cidrIpv4: ["CidrIp"],
  },
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
    securityGroupId: ["GroupId"],
    referencedSecurityGroupId: ["DestinationSecurityGroupId"],
    cidrIpv4: ["CidrIp"],
  },
};

const singular = (name: string): string => name.replace(/ies$/, "y").replace(/s$/, "");

/**
 * The name that a schema has for a property of Pulumi's: the same but for capitals, or plural where
 * the other is singular.
 */
const bySpelling = (names: readonly string[], wanted: string): string | undefined => {
  const lower = wanted.toLowerCase();
  const like = (test: (name: string) => boolean) => names.find((name) => test(name.toLowerCase()));
  return like((name) => name === lower) ?? like((name) => singular(name) === singular(lower));
};

/** `dbSubnetGroupName` → `DBSubnetGroupName`; `name` of a resource `DBProxy` → `DBProxyName`. */
export const nameIn = (schema: Schema, property: string, resource: string): string | undefined => {
  const names = Object.keys(schema.properties ?? {});
  const prefixed = `${resource}${property}`.toLowerCase();
  return bySpelling(names, property) ?? names.find((name) => name.toLowerCase() === prefixed);
};

export const namedOtherwise = (type: string, path: string): readonly string[] | undefined => exceptions[type]?.[path];
