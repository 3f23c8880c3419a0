import { describe, expect, test } from "vitest";
import { functionNamed, ofType, only } from "./testing/graph.ts";
import { graphsOf, stages } from "./testing/graphs.ts";
import { graphOf } from "./testing/program.ts";
import { rolesOf, whoMay } from "./testing/roles.ts";

const graph = graphsOf(stages);

describe.each(stages)("in stage %s", (stage) => {
  test("EC2 takes the description of each security group and rule", () => {
    const described = ["ec2/securityGroup:SecurityGroup", "vpc/securityGroupIngressRule:SecurityGroupIngressRule"]
      .flatMap((type) => ofType(graph(stage), type))
      .flatMap(({ inputs: { description } }) => (description === undefined ? [] : [String(description)]));
    expect(described.length).toBeGreaterThan(0);
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
    for (const each of described) expect(each).toMatch(/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/);
  });

  test("nothing in the network has a way out, so that no stage takes an address of the account", () => {
    const types = new Set(graph(stage).resources.map(({ type }) => type));
    for (const type of ["natGateway:NatGateway", "eip:Eip", "instance:Instance"])
      expect(types).not.toContain(`aws:ec2/${type}`);
  });

  test("a subnet keeps its zone, whatever AWS lists on the day of a deploy", () => {
    const subnets = ofType(graph(stage), "ec2/subnet:Subnet");
    expect(subnets).toHaveLength(6);
    for (const { options } of subnets) expect(options.ignoreChanges).toContain("availabilityZone");
  });

  test("whom a function or a poller calls has an address inside", () => {
    const endpoints = ofType(graph(stage), "ec2/vpcEndpoint:VpcEndpoint").map(({ inputs }) => inputs);
    const subnets = [1, 2, 3].slice(0, stage === "prod" ? 3 : 1).map((one) => `NetworkPrivateSubnet${one}-id`);
    const expected = stage === "prod" ? ["lambda"] : ["lambda", "sts"];
    expect(endpoints).toEqual(
      expected.map((service) =>
        expect.objectContaining({
          serviceName: `com.amazonaws.eu-central-1.${service}`,
          vpcEndpointType: "Interface",
          privateDnsEnabled: true,
          subnetIds: subnets,
          securityGroupIds: ["EndpointsGroup-id"],
        }),
      ),
    );
  });

  test("each group is open on one port to those that are named, and to nobody else", () => {
    const rules = ofType(graph(stage), "vpc/securityGroupIngressRule:SecurityGroupIngressRule").map(
      ({ inputs: { securityGroupId, referencedSecurityGroupId, fromPort, toPort } }) =>
        `${referencedSecurityGroupId} to ${securityGroupId} ${fromPort}-${toPort}`,
    );
    expect(rules.sort()).toEqual(
      [
        "DatabaseGroup-id to DatabaseGroup-id 5432-5432",
        "FunctionsGroup-id to DatabaseGroup-id 5432-5432",
        "FunctionsGroup-id to EndpointsGroup-id 443-443",
        "FunctionsGroup-id to KafkaGroup-id 9098-9098",
        "FunctionsGroup-id to SearchGroup-id 443-443",
        "KafkaGroup-id to KafkaGroup-id 9098-9098",
        ...(stage === "dev" ? ["KafkaGroup-id to EndpointsGroup-id 443-443"] : []),
      ].sort(),
    );
  });

  test("functions are told the brokers, and none of their roles may ask MSK; the pollers ask in their function's", () => {
    for (const name of ["probes", "outbox-publisher", "replay", "provision"])
      expect(functionNamed(graph(stage), name).environment).toMatchObject({
        KAFKA_BROKERS: "b-1.example:9098,b-2.example:9098",
        KAFKA_AUTH: "iam",
      });
    const asking = whoMay(rolesOf(graph(stage)), { action: "kafka:GetBootstrapBrokers", resource: "*" });
    expect(asking).toEqual(["ProductEventConsumerRole", "ProductCommandConsumerRole"]);
  });
});

test("where a region has two zones, Kafka has a broker for each replica all the same, and copies are spread evenly", async () => {
  const [prod, dev] = await Promise.all(stages.map((stage) => graphOf(stage, { MOCKED_ZONES: "a,b" })));
  const cluster = only(ofType(dev as never, "msk/cluster:Cluster"), "clusters").inputs;
  expect(cluster).toMatchObject({
    numberOfBrokerNodes: 4,
    brokerNodeGroupInfo: { clientSubnets: ["NetworkPrivateSubnet1-id", "NetworkPrivateSubnet2-id"] },
  });
  expect(only(ofType(prod as never, "opensearch/domain:Domain"), "domains").inputs).toMatchObject({
    clusterConfig: { instanceCount: 4, zoneAwarenessConfig: { availabilityZoneCount: 2 } },
    vpcOptions: { subnetIds: ["NetworkPrivateSubnet1-id", "NetworkPrivateSubnet2-id"] },
  });
});

test("a region with one zone is refused", async () => {
  await expect(graphOf("dev", { MOCKED_ZONES: "a" })).rejects.toThrow("a stage needs two at the least");
});
