import { functions } from "../../scripts/host/functions.ts";
import type { Consumers } from "../consumers.ts";
import { pascalCase } from "../pascal-case.ts";
import type { StateMachine } from "../state-machine.ts";
import type { Alarm } from "./alarm.ts";
import { ofLetters } from "./own.ts";

// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
const lambda = { namespace: "AWS/Lambda", missing: "notBreaching" } as const;

const runbooks: Readonly<Record<string, string>> = {
  replay: "Rewind to the beginning",
  "dlq-republish": "Replay dead letters",
};

/**
 * However an execution ended other than well: nobody may be waiting at the tool any more.
 * https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
 */
export const ofAMachine = ([name, { arn }]: [string, StateMachine]): readonly Alarm[] =>
  (["Failed", "TimedOut", "Aborted"] as const).map((outcome) => ({
    name: `${pascalCase(name)}Executions${outcome}`,
    description: `An execution of ${name} ended as ${outcome}; its history says why.`,
    runbook: runbooks[name] ?? "Health",
    namespace: "AWS/States",
    metric: `Executions${outcome}`,
    dimensions: { StateMachineArn: arn },
    statistic: "Sum",
    above: 0,
    minutes: 1,
    missing: "notBreaching",
  }));

/** What runs all the time may fail once, as it is tried again; what runs seldom may not. */
const patienceOf = (name: string): number => {
  const trigger = functions.find((each) => each.name === name)?.trigger;
  const isSeldom = trigger?.kind === "invoke" || (trigger?.kind === "schedule" && trigger.everyMs > 60_000);
  return isSeldom ? 1 : 3;
};

/**
 * That it fails, and that it was not started because its copies, or the account's, are all at work.
 */
export const ofAFunction = ([name, made]: [string, sst.aws.Function]): readonly Alarm[] =>
  (["Errors", "Throttles"] as const).map((metric) => ({
    ...lambda,
    name: `${pascalCase(name)}${metric}`,
    description: metric === "Errors" ? `${name} fails.` : `${name} is not started: no copy is free.`,
    runbook: metric === "Errors" ? "Health" : "Throttled functions",
    metric,
    dimensions: { FunctionName: made.name },
    statistic: "Sum",
    above: 0,
    minutes: patienceOf(name),
  }));

/**
 * How far behind a consumer is, and whether it gave records up. Lambda writes `OffsetLag` by
 * function whatever the pollers are; metrics by mapping need groups that the provider may not know.
 */
export const ofAConsumer = ({ group, consumer }: Consumers[number]): readonly Alarm[] => {
  const kind = group.kind === "projection" ? "Projection" : "Command";
  return [
    {
      ...lambda,
      name: `${kind}Lag`,
      description: `${group.groupId} is more than 10,000 records behind.`,
      runbook: "Lag",
      metric: "OffsetLag",
      dimensions: { FunctionName: consumer.name },
      statistic: "Maximum",
      above: 10_000,
      minutes: 5,
    },
    ofLetters({ ...group, kind }),
  ];
};
