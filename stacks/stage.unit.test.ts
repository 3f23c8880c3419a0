import { expect, test } from "vitest";
import { stageSettings } from "./stage.ts";

const heard = { SLUICE_ALARM_EMAIL: "on-call@example.com" };

test.each(["prod", "dev", "a", "ada-2", "a-colleague-s-branch1"])("a stage may be called %s", (name) => {
  expect(stageSettings(name, heard).name).toBe(name);
});

test.each(["", "Dev", "1st", "a--b", "a-", "a_b", "a-name-of-22-characters"])("not %j", (name) => {
  expect(() => stageSettings(name, heard)).toThrow(`stage ${name}: up to 21 lower-case letters and digits`);
});

test("production is refused when nobody hears its alarms; any other stage is not", () => {
  expect(() => stageSettings("prod", {})).toThrow("SLUICE_ALARM_EMAIL");
  expect(() => stageSettings("prod", { SLUICE_ALARM_EMAIL: "" })).toThrow("nobody would hear");
  const topic = { SLUICE_ALARM_TOPIC: "arn:aws:sns:eu-central-1:123456789012:on-call" };
  expect(stageSettings("prod", topic).listeners).toEqual({ email: undefined, topicArn: topic.SLUICE_ALARM_TOPIC });
  expect(stageSettings("dev", {}).listeners).toEqual({ email: undefined, topicArn: undefined });
});

test.each([
  [{ SLUICE_ALARM_EMAIL: "nobody" }, "an address of mail"],
  [{ SLUICE_ALARM_TOPIC: "on-call" }, "the ARN of an SNS topic"],
  [{ SLUICE_BUDGET_USD: "much" }, "a whole number of US dollars"],
  [{ SLUICE_BUDGET_USD: "0" }, "a whole number of US dollars"],
])("%j is refused with what is wanted", (env, wanted) => {
  expect(() => stageSettings("dev", env)).toThrow(wanted);
});

test("a budget of the deployer's own goes before the stage's", () => {
  expect(stageSettings("dev", {}).budgetUsd).toBe(300);
  expect(stageSettings("dev", { SLUICE_BUDGET_USD: "50" }).budgetUsd).toBe(50);
});
