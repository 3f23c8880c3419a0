import { describe, expect, test } from "vitest";
import { ofType } from "./testing/graph.ts";
import { graphsOf, stages } from "./testing/graphs.ts";

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
});
