import type { StateMachine } from "../state-machine.ts";
import { documentOf } from "./document.ts";
import { denyMappingOf } from "./mapping.ts";

type Reach = {
  readonly parameters: $util.Input<string>;
  readonly functions: readonly $util.Input<string>[];
  readonly machines: readonly StateMachine[];
  readonly commandFunction: string;
};

/** For the roles of people. Whoever has it reaches a stage through its functions and machines, never Kafka or the database themselves. */
export const operatorPolicy = ({ parameters, functions, machines, commandFunction }: Reach) =>
  documentOf([
    {
      actions: ["ssm:GetParametersByPath", "ssm:GetParameter"],
      resources: [parameters, $interpolate`${parameters}/*`],
    },
    { actions: ["lambda:InvokeFunction"], resources: [...functions] },
    { actions: ["states:StartExecution"], resources: machines.map(({ arn }) => arn) },
    {
      actions: ["states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution"],
      resources: machines.map(({ executions }) => executions),
    },
    denyMappingOf(commandFunction),
  ]);
