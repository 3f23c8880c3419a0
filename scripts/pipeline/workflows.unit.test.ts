import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repository } from "../stack/paths.ts";
import { jobs, type NamedJob, steps, workflows } from "./testing/workflows.ts";

const read = (file: string): string => readFileSync(join(repository, file), "utf8");
const packageJson = JSON.parse(read("package.json"));

const signsIn = ({ job }: NamedJob): boolean =>
  (job.steps ?? []).some(({ uses }) => uses?.startsWith("aws-actions/configure-aws-credentials@"));

const called = ({ job }: NamedJob): readonly NamedJob[] =>
  jobs.filter(({ workflow }) => job.uses === `./.github/workflows/${workflow.file}`);

/**
 * What a job may do for GitHub: read the code; and ask for a token, if it, or the workflow that it
 * calls, signs in to AWS.
 */
const permissionsOf = (job: NamedJob): Record<string, string> => ({
  contents: "read",
  ...([job, ...called(job)].some(signsIn) && { "id-token": "write" }),
});

test("there are the workflows that docs/DEPLOY.md tells of", () => {
  expect(workflows.map(({ file }) => file)).toEqual([
    "check.yml",
    "deploy-stage.yml",
    "deploy.yml",
    "diff.yml",
    "roll-back.yml",
  ]);
});

describe.each(workflows)("$file", ({ text, on, permissions }) => {
  test("every action is pinned by a commit's hash, with the version that it is", () => {
    const lines = text.split("\n").filter((line) => /^\s*(- )?uses:/.test(line));
    const wrong = lines.filter(
      (line) => !/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line) && !line.includes("uses: ./"),
    );
    expect(wrong).toEqual([]);
  });

  test("a workflow of this repository that it calls is there", () => {
    for (const [, file = ""] of text.matchAll(/uses: \.\/(\S+)/g))
      expect({ file, exists: existsSync(join(repository, file)) }).toEqual({ file, exists: true });
  });

  test("every `npm run` is a script of package.json", () => {
    const named = [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => packageJson.scripts[name] === undefined)).toEqual([]);
  });

  test("code of strangers never runs with this repository's rights", () => {
    expect(Object.keys(on).filter((event) => ["pull_request_target", "workflow_run"].includes(event))).toEqual([]);
  });

  test("nothing is permitted to all of its jobs", () => {
    expect(permissions).toEqual({});
  });
});

test.each(jobs)("$where may do what it does and no more", (job) => {
  expect(job.job.permissions).toEqual(permissionsOf(job));
});

test.each(jobs.filter(({ job }) => job.steps))("$where ends by itself", ({ job }) => {
  expect(job["timeout-minutes"]).toEqual(expect.any(Number));
});

describe.each(jobs.filter(signsIn))("$where, which signs in to AWS,", ({ job }) => {
  test("works in an environment, by which its role knows it", () => {
    expect(job.environment).toEqual(expect.stringContaining("stage"));
  });

  test("runs nothing out of a cache, which another job may have written", () => {
    const cached = (job.steps ?? []).filter(
      ({ uses = "", with: inputs = {} }) =>
        uses.startsWith("actions/cache") ||
        (uses.startsWith("actions/setup-node") && inputs["package-manager-cache"] !== false),
    );
    expect(cached).toEqual([]);
  });

  test("checks out without leaving GitHub's token behind", () => {
    const checkouts = (job.steps ?? []).filter(({ uses = "" }) => uses.startsWith("actions/checkout"));
    for (const { with: inputs } of checkouts) expect(inputs).toMatchObject({ "persist-credentials": false });
  });
});

const deploys = jobs.filter(({ job }) => job.steps?.some(({ run = "" }) => run.includes("sst deploy")));

test("one job deploys, whatever the stage: one at a time, none cancelled halfway, and it is tried", () => {
  expect(deploys.map(({ where }) => where)).toEqual(["deploy-stage.yml: deploy"]);
  for (const { job } of deploys) {
    const group = expect.stringMatching(/^deploy-\$\{\{ inputs\.stage \}\}$/);
    expect(job.concurrency).toEqual({ group, "cancel-in-progress": false });
    const runs = (job.steps ?? []).map(({ run = "" }) => run);
    const at = (words: string): number => runs.findIndex((run) => run.includes(words));
    expect(at("smoke -- ")).toBeGreaterThan(at("sst deploy"));
    // on prod it stays a plan
    expect(runs[at("smoke -- ")]).toContain('if [ "$STAGE" = dev ]; then MORE=(--rewind ');
  }
});

test("a stage's commit is looked up, compared and noted before it is deployed, and roll-back.yml alone goes back", () => {
  const runs = (deploys[0]?.job.steps ?? []).map(({ run = "" }) => run);
  const order = ["aws ssm get-parameters", 'merge-base --is-ancestor "$COMMIT" "$DEPLOYED"', "aws ssm put-parameter"];
  const found = [...order, "sst deploy"].map((words) => runs.findIndex((run) => run.includes(words)));
  expect(found).not.toContain(-1);
  expect(found).toEqual(found.toSorted((a, b) => a - b));
  const goBack = jobs.filter(({ job }) => job.with?.["may-go-back"] !== undefined);
  expect(goBack.map(({ where }) => where)).toEqual(["roll-back.yml: deploy"]);
});

test("prod comes after dev, and a fork's pull request gets no role", () => {
  const job = (where: string) => jobs.find((each) => each.where === where)?.job;
  expect(job("deploy.yml: prod")).toMatchObject({ needs: ["dev", "prod-diff"], with: { stage: "prod" } });
  expect(job("diff.yml: diff")?.if).toContain("github.event.pull_request.head.repo.full_name == github.repository");
});

describe("no secret is printed", () => {
  const runs = steps.filter(({ step }) => step.run !== undefined);

  test.each(runs)("$where: $step.run", ({ step: { run = "" } }) => {
    expect(run).not.toMatch(/\$\{\{/); // pasted text is run, and printed; a variable is neither
    expect(run).not.toMatch(/set -\w*x|bash -\w*x|printenv|^\s*env\b/m);
    expect(run).not.toMatch(/echo .*\$\{?\w*(SECRET|PASSWORD)/);
    const tokens = [...run.matchAll(/\b(\w*TOKEN)=\$\(/g)].map(([, name]) => name);
    for (const name of tokens) {
      const [first = ""] = run.split("\n").filter((line) => line.includes(`$${name}`));
      expect(first).toBe(`echo "::add-mask::$${name}"`);
    }
  });
});

test.each(["deploy-stage.yml", "diff.yml"])("%s passes on every setting that the stacks read", (file) => {
  const text = workflows.find((workflow) => workflow.file === file)?.text ?? "";
  const isSource = (name: string) => /(?<!\.test)\.ts$/.test(name) && !name.startsWith("testing/");
  const parts = readdirSync(join(repository, "stacks"), { recursive: true, encoding: "utf8" }).filter(isSource);
  const sources = ["sst.config.ts", ...parts.map((name) => `stacks/${name}`)];
  expect(sources).toContain("stacks/alarms/alarm.ts");
  const settings = sources.flatMap((name) => [...read(name).matchAll(/\bSLUICE_[A-Z_]+/g)].map(([setting]) => setting));
  expect(settings.length).toBeGreaterThan(0);
  for (const setting of settings) {
    expect(text).toMatch(new RegExp(`^ {6}${setting}: \\$\\{\\{ vars\\.${setting} \\}\\}$`, "m"));
    expect(read("docs/DEPLOY.md")).toContain(`\`${setting}\``);
  }
});

test("Node is the version that the tests have, and that Lambda has", () => {
  const version = read(".nvmrc").trim();
  expect(version).toBe(packageJson.devDependencies.node);
  expect(read("stacks/function.ts")).toContain(`nodejs${version.split(".")[0]}.x`);
});
