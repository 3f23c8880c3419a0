import { expect, test } from "vitest";
import { readManual } from "../manual/testing/read-manual.ts";
import { stepNames } from "./step.ts";
import { steps } from "./steps.ts";

test("the steps are in the order of their names, and need only earlier ones", () => {
  expect(steps.map(({ name }) => name)).toEqual(stepNames);
  const later = steps.flatMap(({ name, needs }, at) =>
    needs.filter((need) => stepNames.indexOf(need) >= at || need === name),
  );
  expect(later).toEqual([]);
});

test("a step that fails points to a section that the manual has", () => {
  const titles = readManual().map(({ title }) => title);
  expect(steps.map(({ next }) => next.section).filter((section) => !titles.includes(section))).toEqual([]);
});
