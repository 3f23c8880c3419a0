import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

export type AlertRule = {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
};

export type RuleTest = {
  readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
};

const ops = join(import.meta.dirname, "../../../ops");
export const prometheusFolder = join(ops, "prometheus");

const read = (file: string): string => readFileSync(join(ops, file), "utf8");

export const alertRules = (): readonly AlertRule[] =>
  (parse(read("prometheus/alerts.yml")) as { groups: readonly { rules: readonly AlertRule[] }[] }).groups.flatMap(
    ({ rules }) => rules,
  );

export const ruleTests = (): readonly RuleTest[] => parse(read("prometheus/alerts.test.yml")).tests;

/** Every expression of the dashboard, wherever in it. */
export const dashboardExpressions = (): readonly string[] => {
  const found: string[] = [];
  JSON.parse(read("grafana/sluice.json"), (key, value) => {
    if (key === "expr") found.push(value);
    return value;
  });
  return found;
};
