import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { cloneName, deadClones, isAlive } from "./testing/dead-clones.ts";

test("clones whose process has ended are found once; others' projects and living clones are left", () => {
  const names = [`${cloneName(7)}abc`, `${cloneName(7)}abc`, `${cloneName(8)}abc`, "sluice", "sluice-clone-abc", ""];
  expect(deadClones(names, (pid) => pid === 8)).toEqual(["sluice-clone-7-abc"]);
});

test("a process lives until it has ended", () => {
  expect(isAlive(process.pid)).toBe(true);
  expect(isAlive(spawnSync(process.execPath, ["-e", ""]).pid)).toBe(false);
});
