import { expect, test } from "vitest";
import { causeInWords } from "./cause-in-words.ts";

test.each([
  ['{"errorType":"Runtime.ExitError","errorMessage":"signal: killed"}', "signal: killed"],
  ['{"errorType":"Error","errorMessage":"a\\nb","trace":["Error: a"]}', "a\nb"],
  ["it is refused\n`sluice --help` tells", "it is refused\n`sluice --help` tells"],
  ['{"reason":"other JSON"}', '{"reason":"other JSON"}'],
  ["null", "null"],
  ["", ""],
])("of %j it is %j", (cause, words) => {
  expect(causeInWords(cause)).toBe(words);
});
