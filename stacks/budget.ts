import type { StageSettings } from "./stage.ts";

/** Who hears of it. A topic of the deployer's own has to let budgets.amazonaws.com publish. */
const heardBy = ({ listeners: { email, topicArn } }: StageSettings) =>
  topicArn ? { subscriberSnsTopicArns: [topicArn] } : email ? { subscriberEmailAddresses: [email] } : undefined;

/**
 * What a stage may cost a month, by the tag `stage` that is on each resource (sst.config.ts). A tag
 * counts only when somebody has activated it for billing, once an account: docs/DEPLOY.md. None
 * where nobody would hear of it.
 */
export const budget = (stage: StageSettings): void => {
  const heard = heardBy(stage);
  if (!heard) return;
  const above = { comparisonOperator: "GREATER_THAN", thresholdType: "PERCENTAGE", ...heard };
  new aws.budgets.Budget("Budget", {
    name: `sluice-${stage.name}`,
    budgetType: "COST",
    limitAmount: String(stage.budgetUsd),
    limitUnit: "USD",
    timeUnit: "MONTHLY",
    costFilters: [{ name: "TagKeyValue", values: [`user:stage$${stage.name}`] }],
    notifications: [
      { ...above, notificationType: "ACTUAL", threshold: 80 },
      { ...above, notificationType: "FORECASTED", threshold: 100 },
    ],
  });
};
