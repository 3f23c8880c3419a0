import type { StageSettings } from "./stage.ts";

/** Who speaks to whom: a security group a part, each open on one port, to the functions alone. */
export const network = (stage: StageSettings) => {
  const vpc = new sst.aws.Vpc("Network", { az: stage.zones, nat: stage.nat });
  const group = (name: string, description: string) =>
    new aws.ec2.SecurityGroup(name, {
      vpcId: vpc.id,
      description,
      egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }],
    });
  const functions = group("FunctionsGroup", "Functions: nobody calls them by network");
  const opened = (name: string, description: string, port: number) => {
    const made = group(name, description);
    const rule = { securityGroupId: made.id, ipProtocol: "tcp", fromPort: port, toPort: port };
    new aws.vpc.SecurityGroupIngressRule(`${name}FromFunctions`, {
      ...rule,
      referencedSecurityGroupId: functions.id,
    });
    return { made, rule };
  };
  const database = opened("DatabaseGroup", "PostgreSQL, from the functions", 5432);
  const kafka = opened("KafkaGroup", "Kafka with IAM, from the functions and the pollers of Lambda", 9098);
  const search = opened("SearchGroup", "OpenSearch, from the functions", 443);
  // The proxy and the database share a group, and Lambda's pollers live in the cluster's own: each speaks to itself.
  for (const [name, { made, rule }] of [["DatabaseGroup", database] as const, ["KafkaGroup", kafka] as const])
    new aws.vpc.SecurityGroupIngressRule(`${name}FromItself`, { ...rule, referencedSecurityGroupId: made.id });
  return {
    vpc,
    subnets: vpc.privateSubnets,
    functions: functions.id,
    database: database.made.id,
    kafka: kafka.made.id,
    search: search.made.id,
  };
};

export type Network = ReturnType<typeof network>;
