import { consumerGroups, productCommandGroup } from "../shared/catalogue/groups.ts";
import { topics } from "../shared/catalogue/topics.ts";
import { arnPrefix } from "./account.ts";
import type { Consumers } from "./consumers.ts";
import type { WithMaker } from "./function.ts";
import { pascalCase } from "./pascal-case.ts";
import { kafkaPolicies } from "./policies/kafka.ts";
import { listMappings, switchMapping } from "./policies/mapping.ts";
import { operatorPolicy } from "./policies/operators.ts";
import { searchPolicies } from "./policies/search.ts";
import { type StateMachine, stateMachine } from "./state-machine.ts";

export type Operated = WithMaker & {
  readonly mapped: Consumers;
  readonly publisher: sst.aws.Function;
  /** By their folders; an operator may invoke these. */
  readonly scheduled: Readonly<Record<string, sst.aws.Function>>;
  /** By their folders; these an operator only finds. */
  readonly others: Readonly<Record<string, sst.aws.Function>>;
};

const topicNames = Object.values(topics).map(({ name }) => name);
const groupIds = consumerGroups.groups.map(({ groupId }) => groupId);

const projectionOf = (mapped: Consumers): Consumers[number] => {
  const found = mapped.find(({ group }) => group.kind === "projection");
  if (!found) throw new Error("no projection is registered");
  return found;
};

/** Rewinds and rebuilds. It alone beside its consumer alters the projection's group, and it alone switches that mapping. */
const replay = ({ make, kafka, index, mapped }: Operated) => {
  const may = kafkaPolicies(kafka);
  const { group, mapping } = projectionOf(mapped);
  return make("replay", {
    environment: { ...kafka.environment, ...index.environment },
    permissions: [
      ...may.connect,
      may.read(group.topics),
      may.alterGroup(group.groupId),
      listMappings,
      switchMapping(mapping),
      ...searchPolicies(index).rebuild,
    ],
  });
};

/** Sends dead letters back: it reads their topics and writes to those that they came from. */
const republish = ({ make, kafka }: Operated) => {
  const may = kafkaPolicies(kafka);
  return make("dlq-republish", {
    environment: { ...kafka.environment },
    permissions: [
      ...may.connect,
      may.read(consumerGroups.groups.map(({ deadLetterTopic }) => deadLetterTopic)),
      may.write(consumerGroups.groups.flatMap((group) => group.topics)),
    ],
  });
};

/** Runs the tool's commands for operators: looks at everything, changes rows, mends a document, and neither offsets nor mappings. */
const operate = ({ make, kafka, index, publisher }: Operated) => {
  const may = kafkaPolicies(kafka);
  return make("operations", {
    environment: { ...kafka.environment, ...index.environment },
    permissions: [
      ...may.connect,
      may.describe(topicNames),
      may.read(topicNames),
      may.describeGroups(groupIds),
      listMappings,
      { actions: ["lambda:InvokeFunction"], resources: [publisher.arn] },
      ...searchPolicies(index).read,
      ...searchPolicies(index).repair,
    ],
  });
};

/** By these the tool finds a stage: names only, nothing secret. */
const parameters = (stage: string, values: Readonly<Record<string, $util.Input<string>>>): void => {
  for (const [name, value] of Object.entries(values)) {
    new aws.ssm.Parameter(`${pascalCase(name)}Parameter`, { name: `/sluice/${stage}/${name}`, type: "String", value });
  }
};

/** What an operator reaches: one function, two state machines, and the policy that a person's role is given. */
export const operations = (operated: Operated) => {
  const { stage, mapped } = operated;
  const made = { replay: replay(operated), "dlq-republish": republish(operated), operations: operate(operated) };
  const machines: Readonly<Record<string, StateMachine>> = {
    replay: stateMachine("replay", made.replay),
    "dlq-republish": stateMachine("dlq-republish", made["dlq-republish"]),
  };
  const consumersByName = Object.fromEntries(mapped.map(({ group, consumer }) => [group.functionName, consumer]));
  const all = { ...operated.scheduled, ...operated.others, ...consumersByName, ...made };
  parameters(stage.name, {
    "operations-function": made.operations.name,
    ...Object.fromEntries(Object.entries(machines).map(([name, { arn }]) => [`${name}-state-machine`, arn])),
    ...Object.fromEntries(Object.entries(all).map(([name, each]) => [`functions/${name}`, each.name])),
  });
  new aws.iam.Policy("Operators", {
    name: `sluice-${stage.name}-operators`,
    description: `What an operator of the stage ${stage.name} needs for the tool, and no more`,
    policy: operatorPolicy({
      parameters: $interpolate`${arnPrefix("ssm")}:parameter/sluice/${stage.name}`,
      functions: [made.operations, ...Object.values(operated.scheduled)].map(({ arn }) => arn),
      machines: Object.values(machines),
      commandFunction: productCommandGroup.functionName,
    }),
  });
  return { made, machines };
};
