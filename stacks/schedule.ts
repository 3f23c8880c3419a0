import { functions } from "../scripts/host/functions.ts";
import { pascalCase } from "./pascal-case.ts";
import { serviceRole } from "./service-role.ts";

const minuteMs = 60_000;

/** `rate(5 minutes)`; AWS knows nothing shorter than a minute. */
const rate = (everyMs: number): string => {
  const minutes = Math.max(1, Math.round(everyMs / minuteMs));
  return minutes === 1 ? "rate(1 minute)" : `rate(${minutes} minutes)`;
};

/** Starts a function as often as the local host does. What could not be started is forgotten: the next one does its work. */
export const schedule = (name: string, made: sst.aws.Function) => {
  const trigger = functions.find((each) => each.name === name)?.trigger;
  if (trigger?.kind !== "schedule") throw new Error(`scripts/host/functions.ts has no schedule for ${name}`);
  const component = pascalCase(name);
  const role = serviceRole(`${component}Schedule`, {
    service: "scheduler.amazonaws.com",
    permissions: [{ actions: ["lambda:InvokeFunction"], resources: [made.arn] }],
    namesAccount: true,
  });
  return new aws.scheduler.Schedule(
    `${component}Schedule`,
    {
      name: `${$app.name}-${$app.stage}-${name}`,
      scheduleExpression: rate(trigger.everyMs),
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: made.arn,
        roleArn: role.arn,
        input: JSON.stringify(trigger.input),
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    },
    { dependsOn: [role.may] },
  );
};
