import { expect, test } from "vitest";
import { missingPrograms } from "./find-engine.ts";

test("programs that no folder of the path has are named, so that it can be said why the tier is skipped", () => {
  const env = { PATH: "/usr/bin:/bin" };
  expect(missingPrograms(env, ["sh", "no-such-program", "env"])).toEqual(["no-such-program"]);
});
