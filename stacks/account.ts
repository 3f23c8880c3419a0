/** ARNs by name, for what is named before it exists: a role's denials must not wait for what they deny. */
const here = () => {
  const { region } = aws.getRegionOutput();
  const { accountId } = aws.getCallerIdentityOutput();
  const { partition } = aws.getPartitionOutput();
  return { region, accountId, partition };
};

/** `arn:aws:<service>:<region>:<account>` */
export const arnPrefix = (service: string): $util.Output<string> => {
  const { region, accountId, partition } = here();
  return $interpolate`arn:${partition}:${service}:${region}:${accountId}`;
};

/** Functions have fixed names, so that policies, parameters and people can name them. */
export const functionName = (name: string): string => `${$app.name}-${$app.stage}-${name}`;

/** Where a stage's functions write their own metrics. CloudWatch has no stages: the name is all that keeps them apart. */
export const metricsNamespace = (): string => `${$app.name}-${$app.stage}`;

export const functionArn = (name: string): $util.Output<string> =>
  $interpolate`${arnPrefix("lambda")}:function:${functionName(name)}`;
