import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { repository } from "./stack/paths.ts";

/**
 * `sst dev` and `sst diff` write `sst-env.d.ts` at the root, Docker's users a `.env`: biome, knip
 * and the size check leave out what git ignores.
 */
test.each(["sst-env.d.ts", ".env", ".sst/platform/x.ts", ".sluice/cache/x.ts", "dist/x.zip"])(
  "%s is ignored",
  (file) => {
    expect(spawnSync("git", ["check-ignore", "--quiet", file], { cwd: repository }).status).toBe(0);
  },
);

test("the compiler takes no file at the root but its own", () => {
  const { include } = JSON.parse(readFileSync(`${repository}/tsconfig.json`, "utf8")) as { include: string[] };
  expect(include.filter((path) => path.endsWith(".ts") && !path.includes("/"))).toEqual(["vitest.config.ts"]);
});
