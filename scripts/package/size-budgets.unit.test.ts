import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sizeBudgetsKb } from "./size-budgets.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/decisions/packages.md"), "utf8");
const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (\d+) \| (\d+) \|$/gm)].map(([, name = "", weight, budget]) => ({
  name,
  weight: Number(weight),
  budget: Number(budget),
}));

test("docs/decisions/packages.md has every function with its budget", () => {
  expect(Object.fromEntries(rows.map(({ name, budget }) => [name, budget]))).toEqual(sizeBudgetsKb);
});

test("a budget is above the documented weight, and by a fifth at the most", () => {
  for (const { name, weight, budget } of rows) {
    const ratio = budget / weight;
    expect({ name, ratio, isTight: ratio > 1 && ratio < 1.2 }).toEqual({ name, ratio, isTight: true });
  }
});
