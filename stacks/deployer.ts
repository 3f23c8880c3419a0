/** What the deployer says of a stage in the environment of the deploy: docs/DEPLOY.md. */
export type Deployer = {
  /** Who hears the alarms. */
  readonly listeners: { readonly email: string | undefined; readonly topicArn: string | undefined };
  /** What a month may cost, where it is another sum than the stage's own. */
  readonly budgetUsd: number | undefined;
};

export type Environment = Readonly<Record<string, string | undefined>>;

const shapes: Readonly<Record<string, { readonly shape: RegExp; readonly is: string }>> = {
  SLUICE_ALARM_EMAIL: { shape: /^[^@\s]+@[^@\s]+$/, is: "an address of mail" },
  SLUICE_ALARM_TOPIC: { shape: /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, is: "the ARN of an SNS topic" },
  SLUICE_BUDGET_USD: { shape: /^[1-9]\d*$/, is: "a whole number of US dollars" },
};

const read = (env: Environment, variable: string): string | undefined => {
  const value = env[variable] || undefined;
  const wanted = shapes[variable];
  if (value !== undefined && wanted && !wanted.shape.test(value))
    throw new Error(`${variable} is ${JSON.stringify(value)}; it has to be ${wanted.is}`);
  return value;
};

/** @throws Error that names the variable whose value could not be used */
export const deployer = (env: Environment): Deployer => {
  const budget = read(env, "SLUICE_BUDGET_USD");
  return {
    listeners: { email: read(env, "SLUICE_ALARM_EMAIL"), topicArn: read(env, "SLUICE_ALARM_TOPIC") },
    budgetUsd: budget === undefined ? undefined : Number(budget),
  };
};
