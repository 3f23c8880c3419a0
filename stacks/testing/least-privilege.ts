import { consumerGroups } from "../../shared/catalogue/groups.ts";
import { topics } from "../../shared/catalogue/topics.ts";
import type { ConsumerGroup } from "../../shared/messaging/consumer-groups.ts";
import { functionNamed, functionsOf, type Graph, ofType, only } from "./graph.ts";
import { type Role, rolesOf, verdict, whoMay } from "./roles.ts";

const prefix = "arn:aws:kafka:eu-central-1:123456789012";
const kafkaArn = (graph: Graph, kind: "topic" | "group", name: string): string => {
  const clusters = [
    ...ofType(graph, "msk/serverlessCluster:ServerlessCluster"),
    ...ofType(graph, "msk/cluster:Cluster"),
  ];
  return `${prefix}:${kind}/${only(clusters, "clusters").inputs["clusterName"]}/0000-0/${name}`;
};

const roleOf = (graph: Graph, functionName: string): string => `${functionNamed(graph, functionName).component}Role`;

const rolesNamed = (graph: Graph, ...functionNames: readonly string[]): readonly string[] =>
  functionsOf(graph)
    .filter(({ name }) => functionNames.includes(name))
    .map(({ component }) => `${component}Role`);

const groupRules = (graph: Graph, roles: readonly Role[], group: ConsumerGroup): readonly string[] => {
  const resource = kafkaArn(graph, "group", group.groupId);
  const expected = rolesNamed(graph, group.functionName, ...(group.kind === "projection" ? ["replay"] : []));
  const alters = whoMay(roles, { action: "kafka-cluster:AlterGroup", resource });
  const deletes = whoMay(roles, { action: "kafka-cluster:DeleteGroup", resource });
  return [
    ...alters.filter((role) => !expected.includes(role)).map((role) => `${role} may alter ${group.groupId}`),
    ...expected.filter((role) => !alters.includes(role)).map((role) => `${role} may not alter ${group.groupId}`),
    ...deletes.map((role) => `${role} may delete ${group.groupId}`),
  ];
};

const changes = [
  "lambda:CreateEventSourceMapping",
  "lambda:UpdateEventSourceMapping",
  "lambda:DeleteEventSourceMapping",
];

const mappingRules = (graph: Graph, roles: readonly Role[], group: ConsumerGroup): readonly string[] => {
  const { arn } = functionNamed(graph, group.functionName);
  const kind = group.kind === "projection" ? "Projection" : "Command";
  const resource = `arn:aws:lambda:eu-central-1:123456789012:event-source-mapping:${kind}Mapping`;
  const question = (action: string) => ({ action, resource, context: { "lambda:FunctionArn": arn } });
  const mayUpdate = group.kind === "projection" ? rolesNamed(graph, "replay") : [];
  const wrong = changes.flatMap((action) =>
    whoMay(roles, question(action))
      .filter((role) => !(action === "lambda:UpdateEventSourceMapping" && mayUpdate.includes(role)))
      .map((role) => `${role} may ${action} of ${group.functionName}`),
  );
  const unable = mayUpdate.filter((role) => !whoMay(roles, question("lambda:UpdateEventSourceMapping")).includes(role));
  return [...wrong, ...unable.map((role) => `${role} may not switch the mapping of ${group.functionName}`)];
};

/** Beside not being allowed, it is denied to each function's role: what is added later by mistake changes nothing. */
const denialRules = (graph: Graph, roles: readonly Role[]): readonly string[] => {
  const command = consumerGroups.groups.find(({ kind }) => kind === "command") as ConsumerGroup;
  const question = {
    action: "lambda:UpdateEventSourceMapping",
    resource: "arn:aws:lambda:eu-central-1:123456789012:event-source-mapping:CommandMapping",
    context: { "lambda:FunctionArn": functionNamed(graph, command.functionName).arn },
  };
  const made = new Set(functionsOf(graph).map(({ component }) => `${component}Role`));
  return roles
    .filter((role) => made.has(role.name) && verdict(role, question) !== "denied")
    .map(({ name }) => `${name} is not denied the mapping of ${command.functionName}`);
};

const writing = ["WriteData", "CreateTopic", "AlterTopic", "DeleteTopic", "AlterTopicDynamicConfiguration"];

const apiRules = (graph: Graph, roles: readonly Role[]): readonly string[] => {
  const role = roleOf(graph, "api");
  return Object.values(topics).flatMap(({ name }) =>
    writing
      .filter((action) =>
        whoMay(roles, { action: `kafka-cluster:${action}`, resource: kafkaArn(graph, "topic", name) }).includes(role),
      )
      .map((action) => `${role} may ${action} in ${name}`),
  );
};

/** IAM knows no resource for these; they read. */
const withoutResource = ["lambda:ListEventSourceMappings", "ec2:DescribeVpcs", "ec2:DescribeSecurityGroups"];

/** Everything, everything of a service, or every resource of one. A name's end (`products-v*`) is none. */
const isWildcard = (text: string): boolean =>
  text === "*" || /^[a-z0-9-]+:\*$/.test(text) || /^arn(:[^:]*){4}:\*$/.test(text);

const wildcardRules = (roles: readonly Role[]): readonly string[] =>
  roles.flatMap(({ name, statements }) =>
    statements
      .filter(
        ({ effect, actions, resources }) =>
          effect === "Allow" &&
          [...actions, ...resources].some(isWildcard) &&
          !actions.every((action) => withoutResource.includes(action)),
      )
      .map(({ actions, resources }) => `${name} allows ${actions.join(", ")} on ${resources.join(", ")}`),
  );

/** Every breach of issue 6's least privilege; none is what it should be. */
export const breaches = (graph: Graph, roles: readonly Role[] = rolesOf(graph)): readonly string[] => [
  ...consumerGroups.groups.flatMap((group) => [
    ...groupRules(graph, roles, group),
    ...mappingRules(graph, roles, group),
  ]),
  ...denialRules(graph, roles),
  ...apiRules(graph, roles),
  ...wildcardRules(roles),
];
