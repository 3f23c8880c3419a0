/** An alarm in the words of an engineer on call: when, above what, for how long, and where in the manual to go on. */
export type Alarm = {
  readonly name: string;
  readonly description: string;
  /** The section of docs/OPERATIONS.md. */
  readonly runbook: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Record<string, $util.Input<string>>;
  readonly statistic: "Maximum" | "Sum" | "Minimum";
  readonly above?: number;
  readonly below?: number;
  readonly minutes: number;
  /** What silence means. */
  readonly missing: "notBreaching" | "breaching";
};

const periodSeconds = 60;

export const raise = (alarm: Alarm, topic: aws.sns.Topic) =>
  new aws.cloudwatch.MetricAlarm(alarm.name, {
    alarmDescription: `${alarm.description} docs/OPERATIONS.md, "${alarm.runbook}"`,
    namespace: alarm.namespace,
    metricName: alarm.metric,
    dimensions: alarm.dimensions,
    statistic: alarm.statistic,
    period: periodSeconds,
    evaluationPeriods: alarm.minutes,
    datapointsToAlarm: alarm.minutes,
    comparisonOperator: alarm.below === undefined ? "GreaterThanThreshold" : "LessThanThreshold",
    threshold: alarm.below ?? alarm.above ?? 0,
    treatMissingData: alarm.missing,
    alarmActions: [topic.arn],
    okActions: [topic.arn],
  });
