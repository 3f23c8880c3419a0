import type { StageSettings } from "./stage.ts";

const days: Readonly<Record<StageSettings["logRetention"], number>> = { "1 week": 7, "3 months": 90 };

/**
 * A log group that a service of AWS writes to. It is made before its writer: a group that the
 * service makes itself keeps every line for ever.
 */
export const logGroup = (component: string, name: string, { logRetention }: StageSettings) =>
  new aws.cloudwatch.LogGroup(component, { name, retentionInDays: days[logRetention] });
