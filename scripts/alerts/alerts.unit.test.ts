import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { alertRules, ruleTests } from "./testing/ops-files.ts";

/** As GitHub makes them of headings. */
const anchorsOf = (markdown: string): ReadonlySet<string> =>
  new Set(
    [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, "")
        .replaceAll(" ", "-"),
    ),
  );

test.each(alertRules())("$alert says what is wrong, how bad it is, and leads to a section that there is", (rule) => {
  const [file = "", anchor = ""] = rule.annotations.runbook_url.split("#");

  expect(existsSync(file)).toBe(true);
  expect(anchorsOf(readFileSync(file, "utf8"))).toContain(anchor);
  expect(rule.annotations.summary).not.toBe("");
  expect(["page", "ticket"]).toContain(rule.labels.severity);
});

test("the manual has a line about each alert", () => {
  const manual = readFileSync("docs/OPERATIONS.md", "utf8");
  expect(alertRules().flatMap(({ alert }) => (manual.includes(`\`${alert}\``) ? [] : [alert]))).toEqual([]);
});

test("each alert is seen to fire and to stay quiet, and nothing else is", () => {
  const seen = ruleTests().flatMap((one) => one.alert_rule_test);
  const named = (fires: boolean) =>
    [...new Set(seen.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires).map((one) => one.alertname))].sort();
  const alerts = alertRules().map(({ alert }) => alert);

  expect(new Set(alerts).size).toBe(alerts.length);
  expect(named(true)).toEqual([...alerts].sort());
  expect(named(false)).toEqual([...alerts].sort());
});
