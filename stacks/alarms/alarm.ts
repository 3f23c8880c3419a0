/**
 * An alarm in the words of an engineer on call: when, above what, for how long, and where in the
 * manual to go on.
 */
export type Alarm = {
  readonly name: string;
  readonly description: string;
  /** The section of docs/OPERATIONS.md. */
  readonly runbook: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Record<string, $util.Input<string>>;
  /** `p99` is a percentile; CloudWatch asks for it by another name. */
  readonly statistic: "Maximum" | "Sum" | "Minimum" | "p99";
  readonly above?: number;
  readonly below?: number;
  readonly minutes: number;
  /**
   * What silence means. Breaching is for metrics that our own code writes each minute: a name of
   * AWS's that is wrong would ring for ever.
   */
  readonly missing: "notBreaching" | "breaching";
};

const periodSeconds = 60;

const statisticOf = ({ statistic }: Alarm) =>
  statistic === "p99" ? { extendedStatistic: statistic, evaluateLowSampleCountPercentiles: "ignore" } : { statistic };

/** Tells `listener`, an SNS topic, when the alarm begins and when it ends. */
export const raise = (alarm: Alarm, listener: $util.Input<string>) =>
  new aws.cloudwatch.MetricAlarm(alarm.name, {
    name: `${$app.name}-${$app.stage}-${alarm.name}`, // two stages may tell the same people
    alarmDescription: `Stage ${$app.stage}: ${alarm.description} docs/OPERATIONS.md, "${alarm.runbook}"`,
    namespace: alarm.namespace,
    metricName: alarm.metric,
    dimensions: alarm.dimensions,
    ...statisticOf(alarm),
    period: periodSeconds,
    evaluationPeriods: alarm.minutes,
    datapointsToAlarm: alarm.minutes,
    comparisonOperator: alarm.below === undefined ? "GreaterThanThreshold" : "LessThanThreshold",
    threshold: alarm.below ?? alarm.above ?? 0,
    treatMissingData: alarm.missing,
    alarmActions: [listener],
    okActions: [listener],
  });
