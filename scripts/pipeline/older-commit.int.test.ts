import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { jobs } from "./testing/workflows.ts";

/**
 * The step itself, run by bash in a repository of three commits, the last of them on a branch of
 * its own.
 */
const folder = mkdtempSync(join(tmpdir(), "sluice-commits-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const git = (...words: readonly string[]): string =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...words], {
    cwd: folder,
    encoding: "utf8",
  }).trim();

const commit = (message: string): string => {
  git("commit", "--quiet", "--allow-empty", "--message", message);
  return git("rev-parse", "HEAD");
};

git("init", "--quiet", "--initial-branch", "main");
const older = commit("older");
const newer = commit("newer");
git("checkout", "--quiet", "-b", "beside", older);
const beside = commit("beside");

const [deployJob] = jobs.filter(({ where }) => where === "deploy-stage.yml: deploy");
const refusal = deployJob?.job.steps?.find(({ name }) => name === "Refuse a commit older than the stage's");

const refuse = (wanted: string, deployed: string) => {
  const env = { ...process.env, STAGE: "prod", COMMIT: wanted, DEPLOYED: deployed };
  const { status, stdout } = spawnSync("bash", ["-e", "-c", refusal?.run ?? ""], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  return { status, stdout };
};

test("a commit older than the one that the stage has is refused, and the way back is named", () => {
  const { status, stdout } = refuse(older, newer);
  expect(status).toBe(1);
  expect(stdout).toBe(
    `::error::prod has ${newer}, which is newer than ${older}. To go back on purpose, run the workflow "Roll back"\n`,
  );
});

test.each([
  ["a newer one", newer, older],
  ["the same once more", newer, newer],
  ["the first of a stage", newer, ""],
  ["one where the stage's is of another line", newer, beside],
  ["one where nobody knows the stage's any more", newer, "0".repeat(40)],
])("%s is deployed", (_, wanted, deployed) => {
  expect(refuse(wanted, deployed)).toEqual({ status: 0, stdout: "" });
});

test("what goes back on purpose is not asked", () => {
  expect(refusal?.if).toMatch(/^\$\{\{ !inputs\.may-go-back \}\}$/);
});
