import { pascalCase } from "./pascal-case.ts";
import type { StageSettings } from "./stage.ts";

/**
 * The zones that every account of the region has, as many as the stage wants or the region offers,
 * and those that are impaired too: a deploy in an incident must not take a zone away. RDS Proxy
 * does not live in `use1-az3`:
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy.html (limitations).
 * @throws Error where there are fewer than two: neither RDS nor Kafka takes one
 */
const zonesOf = async ({ zones }: StageSettings): Promise<{ zones: string[]; region: string }> => {
  const { names, id: region } = await aws.getAvailabilityZones({
    filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
    excludeZoneIds: ["use1-az3"],
  });
  if (names.length < 2) throw new Error(`${region} has ${names.length} zones; a stage needs two at the least`);
  return { zones: names.slice(0, zones), region };
};

/**
 * A subnet keeps the zone that it was made in. AWS may list its zones otherwise one day, and a new
 * zone would replace the subnet, with the brokers, the proxy and the domain in it.
 */
const staysInItsZone = (_: object, options: $util.CustomResourceOptions): undefined => {
  options.ignoreChanges = ["availabilityZone"];
};

/**
 * A security group whose members are called on one port, and by nobody but those that are named.
 */
const groupsIn = (vpc: sst.aws.Vpc) => {
  const group = (name: string, description: string) =>
    new aws.ec2.SecurityGroup(name, {
      vpcId: vpc.id,
      description,
      egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }],
    });
  const opened = (
    name: string,
    {
      description,
      port,
      to,
    }: { description: string; port: number; to: Readonly<Record<string, aws.ec2.SecurityGroup>> },
  ) => {
    const made = group(name, description);
    const rule = { securityGroupId: made.id, ipProtocol: "tcp", fromPort: port, toPort: port };
    for (const [from, { id }] of Object.entries(to))
      new aws.vpc.SecurityGroupIngressRule(`${name}From${from}`, { ...rule, referencedSecurityGroupId: id });
    return {
      made,
      fromItself: () =>
        new aws.vpc.SecurityGroupIngressRule(`${name}FromItself`, { ...rule, referencedSecurityGroupId: made.id }),
    };
  };
  return { group, opened };
};

/**
 * AWS's own interfaces inside the network, as nothing in it has a way out. Functions call Lambda
 * alone (`replay`, `operations`): what they sign for Kafka, OpenSearch and the database they sign
 * by themselves. The pollers of an on-demand mapping stand in the cluster's subnets and call Lambda
 * and STS; provisioned ones do not:
 * https://docs.aws.amazon.com/lambda/latest/dg/with-msk-cluster-network.html
 */
const endpointsOf = ({ pollers, endpointZones }: StageSettings, vpc: sst.aws.Vpc, group: aws.ec2.SecurityGroup) =>
  (pollers === "on-demand" ? ["lambda", "sts"] : ["lambda"]).map(
    (service) =>
      new aws.ec2.VpcEndpoint(`${pascalCase(service)}Endpoint`, {
        vpcId: vpc.id,
        serviceName: $interpolate`com.amazonaws.${aws.getRegionOutput().region}.${service}`,
        vpcEndpointType: "Interface",
        privateDnsEnabled: true,
        subnetIds: $output(vpc.privateSubnets).apply((ids) => ids.slice(0, endpointZones)),
        securityGroupIds: [group.id],
      }),
  );

/**
 * Who speaks to whom: a security group a part, each open on one port, to the functions alone. No
 * NAT, and no address of our own.
 */
export const network = async (stage: StageSettings) => {
  const { zones, region } = await zonesOf(stage);
  const vpc = new sst.aws.Vpc("Network", {
    az: zones,
    transform: { publicSubnet: staysInItsZone, privateSubnet: staysInItsZone },
  });
  const { group, opened } = groupsIn(vpc);
  const functions = group("FunctionsGroup", "Functions: nobody calls them by network");
  const to = { Functions: functions };
  const database = opened("DatabaseGroup", { description: "PostgreSQL, from the functions", port: 5432, to });
  const kafka = opened("KafkaGroup", {
    description: "Kafka with IAM, from the functions and the pollers of Lambda",
    port: 9098,
    to,
  });
  const search = opened("SearchGroup", { description: "OpenSearch, from the functions", port: 443, to });
  const apis = opened("EndpointsGroup", {
    description: "APIs of AWS, from the functions and the pollers of Lambda",
    port: 443,
    to: { ...to, ...(stage.pollers === "on-demand" && { Kafka: kafka.made }) },
  });
  // The proxy and the database share a group, and the pollers of Lambda live in the cluster's own:
  // each speaks to itself.
  for (const { fromItself } of [database, kafka]) fromItself();
  return {
    zones,
    region,
    subnets: vpc.privateSubnets,
    functions: functions.id,
    database: database.made.id,
    kafka: kafka.made.id,
    search: search.made.id,
    endpoints: endpointsOf(stage, vpc, apis.made),
  };
};

export type Network = Awaited<ReturnType<typeof network>>;

/**
 * How many of a part stand in these zones: as many in each, and no fewer than are wanted. Kafka and
 * OpenSearch take nothing else.
 */
export const evenly = (wanted: number, { zones }: Pick<Network, "zones">): number => {
  const used = Math.min(wanted, zones.length);
  return Math.ceil(wanted / used) * used;
};
