import { functions } from "../../scripts/host/functions.ts";
import type { Consumers } from "../consumers.ts";
import { pascalCase } from "../pascal-case.ts";
import type { StageSettings } from "../stage.ts";
import type { StateMachine } from "../state-machine.ts";
import type { Alarm } from "./alarm.ts";
import { ofLetters } from "./own.ts";

// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
const lambda = { namespace: "AWS/Lambda", missing: "notBreaching" } as const;

const runbooks: Readonly<Record<string, string>> = {
  replay: "Rewind to the beginning",
  "dlq-republish": "Replay dead letters",
};

/** However an execution ended other than well: nobody may be waiting at the tool any more. https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html */
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

/** That it fails, and that it was not started because its copies, or the account's, are all at work. */
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

type Mapped = Consumers[number];

/** Provisioned pollers write metrics of each mapping; on-demand ones only the lag, by function. */
const lagOf = ({ consumer, mapping }: Mapped, { pollers }: StageSettings): Pick<Alarm, "metric" | "dimensions"> =>
  pollers === "provisioned"
    ? { metric: "MaxOffsetLag", dimensions: { EventSourceMappingUUID: mapping.uuid } }
    : { metric: "OffsetLag", dimensions: { FunctionName: consumer.name } };

const ofPolling = (kind: string, { group, mapping }: Mapped): readonly Alarm[] =>
  (["PollingErrorCount", "CommitErrorCount"] as const).map((metric) => ({
    ...lambda,
    name: `${kind}${metric.replace("Count", "s")}`,
    description: `The pollers of ${group.functionName} cannot ${metric === "PollingErrorCount" ? "read from Kafka" : "commit offsets"}.`,
    runbook: "A mapping that does not read",
    metric,
    dimensions: { EventSourceMappingUUID: mapping.uuid },
    statistic: "Sum",
    above: 0,
    minutes: 5,
  }));

/** How far behind a consumer is, whether its pollers work, and whether it gave records up. */
export const ofAConsumer = (mapped: Mapped, stage: StageSettings): readonly Alarm[] => {
  const { group } = mapped;
  const kind = group.kind === "projection" ? "Projection" : "Command";
  return [
    {
      ...lambda,
      ...lagOf(mapped, stage),
      name: `${kind}Lag`,
      description: `${group.groupId} is more than 10,000 records behind.`,
      runbook: "Lag",
      statistic: "Maximum",
      above: 10_000,
      minutes: 5,
    },
    ...(stage.pollers === "provisioned" ? ofPolling(kind, mapped) : []),
    ofLetters({ ...group, kind }),
  ];
};
