import { functions } from "../scripts/host/functions.ts";
import { metricsNamespace } from "./account.ts";
import { type Alarm, raise } from "./alarm.ts";
import type { Consumers } from "./consumers.ts";
import type { WithMaker } from "./function.ts";
import { pascalCase } from "./pascal-case.ts";
import type { StateMachine } from "./state-machine.ts";

/** Where the functions' own metrics are, by the embedded metric format: shared/observability/observed.ts. */
const own = (service: string) => ({ namespace: metricsNamespace(), dimensions: { service } });

const ofTheOutbox: readonly Alarm[] = [
  {
    ...own("outbox-publisher"),
    name: "OutboxAge",
    description: "The oldest pending row of the outbox waits for more than two minutes.",
    runbook: "The outbox does not move",
    metric: "OldestPendingAgeMs",
    statistic: "Maximum",
    above: 120_000,
    minutes: 3,
    missing: "breaching", // a publisher that does not run measures nothing
  },
  {
    ...own("outbox-publisher"),
    name: "OutboxParked",
    description: "A row is parked: its partition key waits for an operator.",
    runbook: "A parked row",
    metric: "OutboxParked",
    statistic: "Maximum",
    above: 0,
    minutes: 1,
    missing: "notBreaching",
  },
];

const leftOff: Alarm = {
  ...own("replay"),
  name: "MappingMayBeOff",
  description: "A rewind failed and could not put the mapping back.",
  runbook: "Rewind to the beginning",
  metric: "MappingMayBeOff",
  statistic: "Sum",
  above: 0,
  minutes: 1,
  missing: "notBreaching",
};

const ofAConsumer = ({ group, consumer, mapping }: Consumers[number]): readonly Alarm[] => {
  const kind = group.kind === "projection" ? "Projection" : "Command";
  const name = { FunctionName: consumer.name };
  return [
    {
      name: `${kind}Lag`,
      description: `${group.groupId} is more than 10,000 records behind.`,
      runbook: "Lag",
      namespace: "AWS/Lambda",
      metric: "OffsetLag",
      dimensions: name,
      statistic: "Maximum",
      above: 10_000,
      minutes: 5,
      missing: "notBreaching",
    },
    {
      name: `${kind}MappingOff`,
      description: `The mapping of ${group.functionName} has had no poller for 15 minutes: it is disabled, or a rewind left it so.`,
      runbook: "Rewind to the beginning",
      namespace: "AWS/Lambda",
      metric: "ProvisionedPollers",
      dimensions: { EventSourceMappingUUID: mapping.uuid },
      statistic: "Maximum",
      below: 1,
      minutes: 15,
      missing: "breaching",
    },
    {
      ...own(group.functionName),
      name: `${kind}DeadLettered`,
      description: `Records of ${group.topics.join(", ")} went to ${group.deadLetterTopic}.`,
      runbook: "Read dead letters",
      metric: "DeadLettered",
      statistic: "Sum",
      above: 0,
      minutes: 1,
      missing: "notBreaching",
    },
  ];
};

const differing: Alarm = {
  ...own("projection-verifier"),
  name: "ReadModelsDiffer",
  description: "The hourly sample found rows in which a read model is not the write model.",
  runbook: "Verify and repair",
  metric: "Differences",
  statistic: "Sum",
  above: 0,
  minutes: 1,
  missing: "notBreaching",
};

const monitor = "dead-letter-monitor";

const ofDeadLetters: readonly Alarm[] = [
  {
    ...own(monitor),
    name: "DeadLettersOpen",
    description: "Dead letters have waited for somebody for a quarter of an hour.",
    runbook: "Read dead letters",
    metric: "DeadLettersOpen",
    statistic: "Maximum",
    above: 0,
    minutes: 15,
    missing: "breaching", // nobody knows whether there are any
  },
  {
    ...own(monitor),
    name: "DeadLettersExpire",
    description: "A dead letter is ten days old; after fourteen it is gone.",
    runbook: "Replay dead letters",
    metric: "OldestDeadLetterMs",
    statistic: "Maximum",
    above: 10 * 24 * 60 * 60 * 1000,
    minutes: 1,
    missing: "notBreaching",
  },
];

const runbooks: Readonly<Record<string, string>> = {
  replay: "Rewind to the beginning",
  "dlq-republish": "Replay dead letters",
};

/** However an execution ended other than well: nobody may be waiting at the tool any more. */
const ofAMachine = ([name, { arn }]: [string, StateMachine]): readonly Alarm[] =>
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

const ofErrors = (name: string, made: sst.aws.Function): Alarm => ({
  name: `${pascalCase(name)}Errors`,
  description: `${name} fails.`,
  runbook: "Health",
  namespace: "AWS/Lambda",
  metric: "Errors",
  dimensions: { FunctionName: made.name },
  statistic: "Sum",
  above: 0,
  minutes: patienceOf(name),
  missing: "notBreaching",
});

const widget = (region: string, title: string, metrics: readonly (readonly string[])[], place: number) => ({
  type: "metric",
  ...{ x: (place % 2) * 12, y: Math.floor(place / 2) * 6, width: 12, height: 6 },
  properties: { title, region, metrics, period: 60, stat: "Maximum", view: "timeSeries" },
});

const sums = (names: readonly string[], service: string) =>
  names.map((name) => [metricsNamespace(), name, "service", service, { stat: "Sum" }] as unknown as readonly string[]);

/** One page: is anything waiting, is anything lost, is anything slow. */
const dashboard = (stage: WithMaker["stage"], mapped: Consumers) => {
  const { region } = aws.getRegionOutput();
  const consumerNames = mapped.map(({ consumer }) => consumer.name);
  new aws.cloudwatch.Dashboard("Dashboard", {
    dashboardName: `sluice-${stage.name}`,
    dashboardBody: $util.all([region, consumerNames]).apply(([region, names]) =>
      JSON.stringify({
        widgets: [
          widget(
            region,
            "Outbox: oldest pending, ms",
            [[metricsNamespace(), "OldestPendingAgeMs", "service", "outbox-publisher"]],
            0,
          ),
          widget(region, "Outbox: sent", sums(["Sent", "Parked", "SendFailed"], "outbox-publisher"), 1),
          widget(
            region,
            "Lag, records",
            names.map((name) => ["AWS/Lambda", "OffsetLag", "FunctionName", name]),
            2,
          ),
          ...mapped.map(({ group }, index) =>
            widget(
              region,
              `${group.functionName}: outcomes`,
              sums(["Applied", "Duplicate", "Rejected", "Ignored", "DeadLettered", "GivenBack"], group.functionName),
              3 + index,
            ),
          ),
          widget(
            region,
            "Dead letters: open",
            [[metricsNamespace(), "DeadLettersOpen", "service", monitor]],
            3 + mapped.length,
          ),
        ],
      }),
    ),
  });
};

export type Monitored = WithMaker & {
  readonly mapped: Consumers;
  readonly machines: Readonly<Record<string, StateMachine>>;
  /** Beside the consumers, by their folders. */
  readonly others: Readonly<Record<string, sst.aws.Function>>;
};

/** Alarms to one topic, whose subscriber is named at deploy, and a dashboard. */
export const monitoring = ({ stage, mapped, machines, others }: Monitored) => {
  const topic = new aws.sns.Topic("Alarms", { name: `sluice-${stage.name}-alarms` });
  const email = process.env["SLUICE_ALARM_EMAIL"];
  if (email) new aws.sns.TopicSubscription("AlarmsByMail", { topic: topic.arn, protocol: "email", endpoint: email });
  const all = [
    ...ofTheOutbox,
    ...ofDeadLetters,
    leftOff,
    differing,
    ...mapped.flatMap(ofAConsumer),
    ...Object.entries(machines).flatMap(ofAMachine),
    ...Object.entries(others).map(([name, made]) => ofErrors(name, made)),
    ...mapped.map(({ group, consumer }) => ofErrors(group.functionName, consumer)),
  ];
  for (const alarm of all) raise(alarm, topic);
  dashboard(stage, mapped);
};
