import { metricsNamespace } from "../account.ts";
import type { Alarm } from "./alarm.ts";

/**
 * Where the functions' own metrics are, by the embedded metric format:
 * shared/observability/observed.ts.
 */
const own = (service: string) => ({ namespace: metricsNamespace(), dimensions: { service } });

export const monitor = "dead-letter-monitor";

const ofTheOutbox = (): readonly Alarm[] => [
  {
    ...own("outbox-publisher"),
    name: "OutboxAge",
    description:
      "The oldest pending row of the outbox waits for more than two minutes, or the publisher does not run: look at OutboxPublisherErrors.",
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

const ofReading = (): readonly Alarm[] => [
  {
    ...own("replay"),
    name: "MappingMayBeOff",
    description: "A rewind failed and could not put the mapping back.",
    runbook: "Rewind to the beginning",
    metric: "MappingMayBeOff",
    statistic: "Sum",
    above: 0,
    minutes: 1,
    missing: "notBreaching",
  },
  {
    ...own(monitor),
    name: "NobodyReads",
    description: "A group has had no member for 15 minutes: its mapping is off, or a rewind left it so.",
    runbook: "Groups",
    metric: "GroupsWithoutReader",
    statistic: "Minimum",
    above: 0,
    minutes: 15,
    missing: "notBreaching", // a monitor that does not run is told by DeadLettersOpen
  },
  {
    ...own("projection-verifier"),
    name: "ReadModelsDiffer",
    description: "The hourly sample found rows in which a read model is not the write model.",
    runbook: "Verify and repair",
    metric: "Differences",
    statistic: "Sum",
    above: 0,
    minutes: 1,
    missing: "notBreaching",
  },
];

const ofDeadLetters = (): readonly Alarm[] => [
  {
    ...own(monitor),
    name: "DeadLettersOpen",
    description:
      "Dead letters have waited for somebody for a quarter of an hour, or their monitor does not run: look at DeadLetterMonitorErrors.",
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

/** Of what our functions measure. */
export const ofOurMetrics = (): readonly Alarm[] => [...ofTheOutbox(), ...ofReading(), ...ofDeadLetters()];

/** Records of a consumer that went to its dead-letter topic. */
export const ofLetters = (consumer: {
  readonly kind: string;
  readonly functionName: string;
  readonly topics: readonly string[];
  readonly deadLetterTopic: string;
}): Alarm => ({
  ...own(consumer.functionName),
  name: `${consumer.kind}DeadLettered`,
  description: `Records of ${consumer.topics.join(", ")} went to ${consumer.deadLetterTopic}.`,
  runbook: "Read dead letters",
  metric: "DeadLettered",
  statistic: "Sum",
  above: 0,
  minutes: 1,
  missing: "notBreaching",
});
