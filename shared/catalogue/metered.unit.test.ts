import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { functions } from "../../scripts/host/functions.ts";
import { counters, histograms } from "../operations/metrics/counters.ts";
import { metered, version } from "./metered.ts";

const sources = globSync("{shared,functions}/**/*.ts")
  .filter((file) => !/\.test\.ts$|\/testing\//.test(file))
  .map((file) => readFileSync(file, "utf8"));

/** Names that are counted or observed anywhere in what is shipped. */
const counted = (call: RegExp): readonly string[] =>
  [...new Set(sources.flatMap((text) => [...text.matchAll(call)].map(([, name = ""]) => name)))].sort();

test("whatever is counted or timed anywhere reaches /metrics, and nothing is listed that is not", () => {
  const listed = [...counters, ...metered.counters].map((spec) => spec.counted);
  const inLoops = ["Sent", "Parked", "SendFailed"];
  const alarmed = ["MappingMayBeOff"]; // by a function that ends: `rewind_left_unfinished` tells it for as long as it is so

  expect([...new Set([...counted(/\.count\(\s*"(\w+)"/g), ...inLoops])].sort()).toEqual(
    [...new Set([...listed, ...alarmed])].sort(),
  );
  expect(counted(/\.(?:milliseconds|observe)\(\s*"(\w+)"/g)).toEqual(histograms.map((spec) => spec.counted).sort());
});

/** Run for an operator or a deployment; what became of it is in the audit. */
const notMetered = new Set(["provision", "operations", "replay", "dlq-republish"]);

test("every function that works by itself is told of, and no name is used twice", () => {
  const byThemselves = functions.map(({ name }) => name).filter((name) => !notMetered.has(name));
  expect(metered.functions.map(({ name }) => name).sort()).toEqual(byThemselves.sort());
  const names = [...counters, ...metered.counters, ...histograms].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("the version is that of the package", () => {
  expect(version).toBe(JSON.parse(readFileSync("package.json", "utf8")).version);
});
