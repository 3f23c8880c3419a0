import { expect, test } from "vitest";
import { stageSettings } from "./stage.ts";

test.each(["prod", "dev", "a", "ada-2", "a-colleague-s-branch1"])("a stage may be called %s", (name) => {
  expect(stageSettings(name).name).toBe(name);
});

test.each(["", "Dev", "1st", "a--b", "a-", "a_b", "a-name-of-22-characters"])("not %j", (name) => {
  expect(() => stageSettings(name)).toThrow(`stage ${name}: up to 21 lower-case letters and digits`);
});
