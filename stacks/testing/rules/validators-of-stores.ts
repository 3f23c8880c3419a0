import {
  arn,
  atLeast,
  atMost,
  atMostOneOf,
  between,
  characters,
  exactlyOneOf,
  file,
  json,
  matches,
  network,
  notEmpty,
  onceADay,
  onceAWeek,
  oneOf,
  type Row,
  rows,
} from "./validator-rows.ts";

const rdsValidate = file("rds/validate.go", "03e17e199897");
const securityGroup = file("ec2/vpc_security_group.go", "01606926a0c0");

/** `validIdentifier` */
const rdsIdentifier = [matches(/^[a-z](?!.*--)[0-9a-z-]*(?<!-)$/)];
/** `validParamGroupName` */
const parameterGroupName = [matches(/^[a-z](?!.*--)[0-9a-z.-]*(?<!-)$/), characters(1, 255)];
/** `validSubnetGroupName` */
const subnetGroupName = [matches(/^(?!default$)[0-9a-z_ .-]+$/), characters(1, 255)];
/** `clusterEngine_Values` and `clusterInstanceEngine_Values` */
const engine = oneOf("aurora-mysql", "aurora-postgresql", "mysql", "postgres");

const ofTheNetwork: readonly Row[] = [
  ...rows(securityGroup, "aws:ec2/securityGroup:SecurityGroup", {
    "": atMostOneOf("name", "namePrefix"),
    name: [characters(0, 255), matches(/^(?!sg-)/)],
    description: characters(0, 255),
    "egress.cidrBlocks": network(),
    "ingress.cidrBlocks": network(),
  }),
  ...rows(securityGroup, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", {
    "egress.cidrBlocks": network(),
    "ingress.cidrBlocks": network(),
  }),
  ...rows(
    file("ec2/vpc_security_group_ingress_rule.go", "00a322094b4b"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    {
      "": exactlyOneOf("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"),
      fromPort: between(-1, 65_535),
      toPort: between(-1, 65_535),
    },
  ),
  ...rows(file("ec2/vpc_.go", "00081ce41cc6"), "aws:ec2/vpc:Vpc", {
    "": atMostOneOf("cidrBlock", "ipv4NetmaskLength"),
    cidrBlock: network(16, 28),
  }),
  ...rows(file("ec2/vpc_subnet.go", "00cda125a19d"), "aws:ec2/subnet:Subnet", {
    "": [atMostOneOf("availabilityZone", "availabilityZoneId"), atMostOneOf("cidrBlock", "ipv4NetmaskLength")],
    cidrBlock: network(),
  }),
  ...rows(file("ec2/vpc_route_table.go", "022092419b7c"), "aws:ec2/route:Route", {
    "": [
      exactlyOneOf("cidrBlock", "ipv6CidrBlock", "destinationPrefixListId"),
      exactlyOneOf(
        "carrierGatewayId",
        "coreNetworkArn",
        "egressOnlyGatewayId",
        "gatewayId",
        "localGatewayId",
        "natGatewayId",
        "networkInterfaceId",
        "transitGatewayId",
        "vpcEndpointId",
        "vpcPeeringConnectionId",
      ),
    ],
    cidrBlock: network(),
  }),
  ...rows(
    file("ec2/vpc_route_table_association.go", "0be71beb458a"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    { "": exactlyOneOf("subnetId", "gatewayId") },
  ),
  ...rows(file("ec2/vpc_endpoint.go", "008db85aad5e"), "aws:ec2/vpcEndpoint:VpcEndpoint", {
    "": atMostOneOf("serviceName", "resourceConfigurationArn", "serviceNetworkArn"),
    vpcEndpointType: oneOf("Interface", "Gateway", "GatewayLoadBalancer", "Resource", "ServiceNetwork"),
  }),
  ...rows(
    file("servicediscovery/validate.go", "228b91cee969"),
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
    { name: [characters(1, 1024), matches(/^[0-9A-Za-z._-]+$/)] },
  ),
];

const ofTheDatabase: readonly Row[] = [
  ...rows(file("rds/cluster.go", "0168cf6844f3"), "aws:rds/cluster:Cluster", {
    "": [
      atMostOneOf("clusterIdentifier", "clusterIdentifierPrefix"),
      atMostOneOf("masterPassword", "masterPasswordWo", "manageMasterUserPassword"),
    ],
    backupRetentionPeriod: between(0, 35),
    clusterIdentifier: rdsIdentifier,
    engine,
    engineMode: oneOf("global", "parallelquery", "provisioned", "serverless", ""),
    enabledCloudwatchLogsExports: oneOf(
      "audit",
      "error",
      "general",
      "iam-db-auth-error",
      "instance",
      "postgresql",
      "slowquery",
      "upgrade",
    ),
    finalSnapshotIdentifier: matches(/^(?!.*--)[0-9A-Za-z-]+(?<!-)$/),
    preferredBackupWindow: onceADay,
    preferredMaintenanceWindow: onceAWeek,
    "serverlessv2ScalingConfiguration.maxCapacity": between(1, 256),
    "serverlessv2ScalingConfiguration.minCapacity": between(0, 256),
  }),
  ...rows(file("rds/cluster_instance.go", "01606926a0c0"), "aws:rds/clusterInstance:ClusterInstance", {
    "": atMostOneOf("identifier", "identifierPrefix"),
    engine,
    identifier: rdsIdentifier,
  }),
  ...rows(rdsValidate, "aws:rds/clusterParameterGroup:ClusterParameterGroup", { name: parameterGroupName }),
  ...rows(rdsValidate, "aws:rds/subnetGroup:SubnetGroup", { name: subnetGroupName }),
  ...rows(file("rds/proxy.go", "013f1736b904"), "aws:rds/proxy:Proxy", {
    "auths.secretArn": arn,
    defaultAuthScheme: oneOf("IAM_AUTH", "NONE"),
    engineFamily: oneOf("MYSQL", "POSTGRESQL", "SQLSERVER"),
    name: rdsIdentifier,
    roleArn: arn,
  }),
  ...rows(
    file("rds/proxy_default_target_group.go", "0aa0d338dafe"),
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
    {
      "connectionPoolConfig.connectionBorrowTimeout": between(0, 3600),
      "connectionPoolConfig.maxConnectionsPercent": between(1, 100),
      "connectionPoolConfig.maxIdleConnectionsPercent": between(0, 100),
      dbProxyName: rdsIdentifier,
    },
  ),
  ...rows(file("rds/proxy_target.go", "04a2e6e5bc62"), "aws:rds/proxyTarget:ProxyTarget", {
    "": exactlyOneOf("dbClusterIdentifier", "dbInstanceIdentifier"),
    dbClusterIdentifier: rdsIdentifier,
    dbProxyName: rdsIdentifier,
    targetGroupName: rdsIdentifier,
  }),
];

const ofOthers: readonly Row[] = [
  ...rows(file("kafka/cluster.go", "0313b82f92f8"), "aws:msk/cluster:Cluster", {
    "brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize": between(1, 16_384),
    clusterName: characters(1, 64),
    "configurationInfo.arn": arn,
    "configurationInfo.revision": atLeast(0),
    "encryptionInfo.encryptionInTransit.clientBroker": oneOf("TLS", "TLS_PLAINTEXT", "PLAINTEXT"),
    enhancedMonitoring: oneOf("DEFAULT", "PER_BROKER", "PER_TOPIC_PER_BROKER", "PER_TOPIC_PER_PARTITION"),
    kafkaVersion: characters(1, 64),
  }),
  ...rows(file("kafka/serverless_cluster.go", "02fe3b283b48"), "aws:msk/serverlessCluster:ServerlessCluster", {
    clusterName: characters(1, 64),
    vpcConfigs: atMost(5, "securityGroupIds"),
  }),
  ...rows(file("opensearch/domain.go", "0089ff3b9a89"), "aws:opensearch/domain:Domain", {
    accessPolicies: json,
    "clusterConfig.zoneAwarenessConfig.availabilityZoneCount": oneOf(2, 3),
    "domainEndpointOptions.tlsSecurityPolicy": oneOf(
      "Policy-Min-TLS-1-0-2019-07",
      "Policy-Min-TLS-1-2-2019-07",
      "Policy-Min-TLS-1-2-PFS-2023-10",
    ),
    domainName: matches(/^[a-z][0-9a-z-]{2,27}$/),
    "ebsOptions.volumeType": oneOf("standard", "gp2", "gp3", "io1"),
  }),
  ...rows(file("s3/object.go", "033c721bf1ed"), "aws:s3/bucketObjectv2:BucketObjectv2", {
    "": atMostOneOf("source", "content", "contentBase64"),
    bucket: notEmpty,
    key: notEmpty,
  }),
];

/** Validators of the Terraform provider: the network and the stores. */
export const validatorsOfStores: readonly Row[] = [...ofTheNetwork, ...ofTheDatabase, ...ofOthers];
