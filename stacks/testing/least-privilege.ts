import { consumerGroups } from "../../shared/catalogue/groups.ts";
import { topics } from "../../shared/catalogue/topics.ts";
import type { ConsumerGroup } from "../../shared/messaging/consumer-groups.ts";
import { functionNamed, functionsOf, type Graph, ofType, only } from "./graph.ts";
import { type Question, type Role, type RoleStatement, rolesOf, verdict, whoMay } from "./roles.ts";

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

/** One that is to be made has no ARN yet: IAM is asked about `*`. */
const mappingFor = (action: string, { kind }: ConsumerGroup): string =>
  action === "lambda:CreateEventSourceMapping"
    ? "*"
    : `arn:aws:lambda:eu-central-1:123456789012:event-source-mapping:${kind === "projection" ? "Projection" : "Command"}Mapping`;

const mappingRules = (graph: Graph, roles: readonly Role[], group: ConsumerGroup): readonly string[] => {
  const { arn } = functionNamed(graph, group.functionName);
  const question = (action: string) => ({
    ...{ action, resource: mappingFor(action, group) },
    context: { "lambda:FunctionArn": arn },
  });
  const mayUpdate = group.kind === "projection" ? rolesNamed(graph, "replay") : [];
  const wrong = changes.flatMap((action) =>
    whoMay(roles, question(action))
      .filter((role) => !(action === "lambda:UpdateEventSourceMapping" && mayUpdate.includes(role)))
      .map((role) => `${role} may ${action} of ${group.functionName}`),
  );
  const unable = mayUpdate.filter((role) => !whoMay(roles, question("lambda:UpdateEventSourceMapping")).includes(role));
  return [...wrong, ...unable.map((role) => `${role} may not switch the mapping of ${group.functionName}`)];
};

const notDenied = (roles: readonly Role[], question: Question, what: string): readonly string[] =>
  roles.filter((role) => verdict(role, question) !== "denied").map(({ name }) => `${name} is not denied ${what}`);

/** Roles that SST's own components make, in which nothing of ours runs. */
const ofSst = /^Network/;

/** Beside not being allowed, it is denied: what is added later by mistake changes nothing. The mapping to every role, the rest to functions. */
const denialRules = (graph: Graph, roles: readonly Role[]): readonly string[] => {
  const command = consumerGroups.groups.find(({ kind }) => kind === "command") as ConsumerGroup;
  const context = { "lambda:FunctionArn": functionNamed(graph, command.functionName).arn };
  const ours = roles.filter(({ name }) => !ofSst.test(name));
  const made = new Set(functionsOf(graph).map(({ component }) => `${component}Role`));
  const ofFunctions = roles.filter(({ name }) => made.has(name));
  const joining = roleOf(graph, command.functionName); // joining its group is altering it
  const group = kafkaArn(graph, "group", command.groupId);
  return [
    ...changes.flatMap((action) =>
      notDenied(
        ours,
        { action, resource: mappingFor(action, command), context },
        `${action} of ${command.functionName}`,
      ),
    ),
    ...notDenied(
      ofFunctions.filter(({ name }) => name !== joining),
      { action: "kafka-cluster:AlterGroup", resource: group },
      `to alter ${command.groupId}`,
    ),
    ...notDenied(ofFunctions, { action: "logs:CreateLogGroup", resource: "*" }, "to make a log group"),
    ...consumerGroups.groups.flatMap(({ groupId }) =>
      notDenied(
        ofFunctions,
        { action: "kafka-cluster:DeleteGroup", resource: kafkaArn(graph, "group", groupId) },
        `to delete ${groupId}`,
      ),
    ),
    ...Object.values(topics).flatMap(({ name }) =>
      notDenied(
        ofFunctions,
        { action: "kafka-cluster:DeleteTopic", resource: kafkaArn(graph, "topic", name) },
        `to delete ${name}`,
      ),
    ),
  ];
};

/** Who may write to a topic, by functions; nobody else may. */
const writers: Readonly<Record<string, readonly string[]>> = {
  [topics.productEvents.name]: ["outbox-publisher", "dlq-republish"],
  [topics.productCommands.name]: ["outbox-publisher", "dlq-republish"],
  ...Object.fromEntries(
    consumerGroups.groups.map(({ deadLetterTopic, functionName }) => [deadLetterTopic, [functionName]]),
  ),
};

const writerRules = (graph: Graph, roles: readonly Role[]): readonly string[] =>
  Object.values(topics).flatMap(({ name }) => {
    const expected = rolesNamed(graph, ...(writers[name] ?? []));
    const able = whoMay(roles, { action: "kafka-cluster:WriteData", resource: kafkaArn(graph, "topic", name) });
    return [
      ...able.filter((role) => !expected.includes(role)).map((role) => `${role} may write to ${name}`),
      ...expected.filter((role) => !able.includes(role)).map((role) => `${role} may not write to ${name}`),
    ];
  });

const writing = ["WriteData", "CreateTopic", "AlterTopic", "DeleteTopic", "AlterTopicDynamicConfiguration"];

/** What answers strangers looks at Kafka at the most; the API does not even reach it. */
const httpRules = (graph: Graph, roles: readonly Role[]): readonly string[] => {
  const mayNot = (functionName: string, actions: readonly string[]) =>
    Object.values(topics).flatMap(({ name }) =>
      actions
        .map((action) => `kafka-cluster:${action}`)
        .filter((action) =>
          whoMay(roles, { action, resource: kafkaArn(graph, "topic", name) }).includes(roleOf(graph, functionName)),
        )
        .map((action) => `${roleOf(graph, functionName)} may ${action} in ${name}`),
    );
  return [...mayNot("probes", writing), ...mayNot("api", [...writing, "DescribeTopic", "ReadData"])];
};

/** IAM knows no resource for these; they read. */
const withoutResource = [
  "lambda:ListEventSourceMappings",
  "ec2:DescribeVpcs",
  "ec2:DescribeSecurityGroups",
  "kafka:GetBootstrapBrokers",
];

/** The only patterns that are wanted: indexes by their generation, a stage's parameters, a machine's executions. */
const wanted = [
  /^arn:aws:\w+:eu-central-1:123456789012:[^*?]+\/products-v\*(\/_\w+)?(\/products)?$/,
  /^arn:aws:ssm:eu-central-1:123456789012:parameter\/sluice\/\w+\/\*$/,
  /^arn:aws:states:eu-central-1:123456789012:execution:sluice-\w+-(replay|dlq-republish):\*$/,
];

const isPattern = (text: string): boolean => /[*?]/.test(text);

const isUnwanted = ({ actions, resources }: RoleStatement): boolean =>
  actions.some(isPattern) ||
  (!actions.every((action) => withoutResource.includes(action)) &&
    resources.some((resource) => isPattern(resource) && !wanted.some((pattern) => pattern.test(resource))));

const wildcardRules = (roles: readonly Role[]): readonly string[] =>
  roles.flatMap(({ name, statements }) =>
    statements
      .filter((statement) => statement.effect === "Allow" && isUnwanted(statement))
      .map(({ actions, resources }) => `${name} allows ${actions.join(", ")} on ${resources.join(", ")}`),
  );

/** Every breach of issue 6's least privilege; none is what it should be. */
export const breaches = (graph: Graph, roles: readonly Role[] = rolesOf(graph)): readonly string[] => [
  ...consumerGroups.groups.flatMap((group) => [
    ...groupRules(graph, roles, group),
    ...mappingRules(graph, roles, group),
  ]),
  ...denialRules(graph, roles),
  ...httpRules(graph, roles),
  ...writerRules(graph, roles),
  ...wildcardRules(roles),
];
