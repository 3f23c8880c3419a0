import { beforeAll, expect, test } from "vitest";
import type { Graph } from "./testing/graph.ts";
import { breaches } from "./testing/least-privilege.ts";
import { graphOf } from "./testing/program.ts";
import { rolesOf } from "./testing/roles.ts";

let prod: Graph;
beforeAll(async () => {
  prod = await graphOf("prod");
});

const withAllow = (role: string, actions: string[], resources: string[]) => {
  const roles = rolesOf(prod);
  const added = { effect: "Allow" as const, actions, resources, conditions: [] };
  return breaches(
    prod,
    roles.map((each) => (each.name === role ? { ...each, statements: [...each.statements, added] } : each)),
  );
};

test.each([
  [
    "OperationsRole",
    ["lambda:UpdateEventSourceMapping"],
    ["arn:aws:lambda:eu-central-1:123456789012:event-source-mapping:ProjectionMapping"],
  ],
  [
    "Operators",
    ["lambda:UpdateEventSourceMapping"],
    ["arn:aws:lambda:eu-central-1:123456789012:event-source-mapping:ProjectionMapping"],
  ],
  [
    "DlqRepublishRole",
    ["kafka-cluster:AlterGroup"],
    ["arn:aws:kafka:eu-central-1:123456789012:group/sluice-prod/0000-0/product-event-projection-group"],
  ],
  ["ReservationSweeperRole", ["lambda:*"], ["*"]],
  [
    "ReservationSweeperRole",
    ["kafka-cluster:*"],
    ["arn:aws:kafka:eu-central-1:123456789012:group/sluice-prod/0000-0/*"],
  ],
  [
    "OutboxPublisherRole",
    ["lambda:UpdateEventSourceMapping"],
    ["arn:aws:lambda:eu-central-1:123456789012:event-source-mapping:*"],
  ],
  [
    "ProbesRole",
    ["kafka-cluster:WriteData"],
    ["arn:aws:kafka:eu-central-1:123456789012:topic/sluice-prod/0000-0/product.events"],
  ],
  [
    "ApiRole",
    ["kafka-cluster:ReadData"],
    ["arn:aws:kafka:eu-central-1:123456789012:topic/sluice-prod/0000-0/product.events"],
  ],
  [
    "ProductCommandConsumerRole",
    ["kafka-cluster:AlterGroup"],
    ["arn:aws:kafka:eu-central-1:123456789012:group/sluice-prod/*"],
  ],
  [
    "ReservationSweeperRole",
    ["kafka-cluster:Write*"],
    ["arn:aws:kafka:eu-central-1:123456789012:topic/sluice-prod/0000-0/product.events"],
  ],
  [
    "ReservationSweeperRole",
    ["kafka-cluster:WriteData"],
    ["arn:aws:kafka:eu-central-1:123456789012:topic/sluice-prod/0000-0/*"],
  ],
  [
    "ReservationSweeperRole",
    ["kafka-cluster:WriteData"],
    ["arn:aws:kafka:eu-central-1:123456789012:topic/sluice-prod/0000-0/product.events"],
  ],
  ["ReservationSweeperRole", ["lambda:Invoke*"], ["arn:aws:lambda:eu-central-1:123456789012:function:*"]],
  ["ReservationSweeperRole", ["lambda:InvokeFunction"], ["arn:aws:lambda:eu-central-1:123456789012:function:*"]],
  ["OperationsRole", ["es:ESHttpPost"], ["arn:aws:es:eu-central-1:123456789012:domain/sluice-prod/*"]],
])("%s with %s on %s is told", (role, actions, resources) => {
  expect(withAllow(role, actions, resources)).not.toEqual([]);
});

test("what is denied stays denied whatever is allowed: the command mapping, the command group, deletion", () => {
  const told = withAllow("ReservationSweeperRole", ["*"], ["*"]);
  expect(told.filter((line) => /product-command-(consumer|group)|may delete/.test(line))).toEqual([]);
});

test("a role that loses its denials is told", () => {
  const roles = rolesOf(prod).map((role) => ({
    ...role,
    statements: role.statements.filter(({ effect }) => effect === "Allow"),
  }));
  const told = breaches(prod, roles);
  for (const what of [
    "lambda:CreateEventSourceMapping of product-command-consumer",
    "lambda:UpdateEventSourceMapping of product-command-consumer",
    "lambda:DeleteEventSourceMapping of product-command-consumer",
    "to alter product-command-group",
    "to delete product-command-group",
    "to delete product.events",
    "to make a log group",
  ])
    expect(told).toContain(`ApiRole is not denied ${what}`);
  for (const role of ["OutboxPublisherScheduleRole", "ReplayMachineRole", "DatabaseProxyRole", "Operators"])
    expect(told).toContain(`${role} is not denied lambda:UpdateEventSourceMapping of product-command-consumer`);
});
