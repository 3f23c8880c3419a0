import type { StateMachine } from "../state-machine.ts";
import { denyMappingOf } from "./mapping.ts";
import type { Statement } from "./statement.ts";

type Reach = {
  readonly parameters: $util.Input<string>;
  readonly functions: readonly $util.Input<string>[];
  readonly machines: readonly StateMachine[];
  readonly commandFunction: string;
};

const allow = (actions: string[], resources: $util.Input<string>[]) => ({
  Effect: "Allow",
  Action: actions,
  Resource: resources,
});

const deny = ({ actions, resources, conditions = [] }: Statement) => ({
  Effect: "Deny",
  Action: actions,
  Resource: resources,
  Condition: Object.fromEntries(conditions.map(({ test, variable, values }) => [test, { [variable]: values }])),
});

/** For the roles of people. Whoever has it reaches a stage through its functions and machines, never Kafka or the database themselves. */
export const operatorPolicy = ({ parameters, functions, machines, commandFunction }: Reach) =>
  $jsonStringify({
    Version: "2012-10-17",
    Statement: [
      allow(["ssm:GetParametersByPath", "ssm:GetParameter"], [parameters, $interpolate`${parameters}/*`]),
      allow(["lambda:InvokeFunction"], [...functions]),
      allow(
        ["states:StartExecution"],
        machines.map(({ arn }) => arn),
      ),
      allow(
        ["states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution"],
        machines.map(({ executions }) => executions),
      ),
      deny(denyMappingOf(commandFunction)),
    ],
  });
