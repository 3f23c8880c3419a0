import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { composeFile } from "../compose/compose-file.ts";
import { docker, leftOf, makeClone } from "./testing/clone.ts";
import { cloneName } from "./testing/dead-clones.ts";

/** What a process of this number leaves on the engine, and in the folder of temporary files. */
const leave = async (pid: number): Promise<{ readonly folder: string; readonly project: string }> => {
  const folder = mkdtempSync(join(tmpdir(), cloneName(pid)));
  const project = basename(folder).toLowerCase();
  const image = composeFile.services["postgres"]?.image ?? "";
  const label = ["--label", `com.docker.compose.project=${project}`];
  await docker("volume", "create", ...label, `${project}_data`);
  await docker("network", "create", ...label, `${project}_default`);
  await docker("create", ...label, "--name", `${project}-a-1`, "--volume", `${project}_data:/data`, image);
  await docker("tag", image, `${project}:local`);
  return { folder, project };
};

const imagesOf = (project: string) => docker("image", "ls", "--quiet", `${project}:local`);

test("a clone takes away what a killed test has left, and nothing of a test that runs beside it", async () => {
  // given
  const beside = await makeClone();
  onTestFinished(() => beside.remove());
  await docker("volume", "create", "--label", `com.docker.compose.project=${beside.project}`, `${beside.project}_x`);
  const dead = await leave(spawnSync(process.execPath, ["-e", ""]).pid);
  expect(await leftOf(dead.project)).toHaveLength(3);

  // when
  const clone = await makeClone();
  onTestFinished(() => clone.remove());

  // then
  expect(await leftOf(dead.project)).toEqual([]);
  expect(await imagesOf(dead.project)).toEqual([]);
  expect(existsSync(dead.folder)).toBe(false);
  expect(await leftOf(beside.project)).toEqual([`volume ${beside.project}_x`]);
  expect(existsSync(beside.folder)).toBe(true);
});
