import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pythonTools } from "../python/python-tools.ts";
import { repository } from "../stack/paths.ts";
import { actionlint } from "./testing/actionlint.ts";

const requirements = join(import.meta.dirname, "requirements.txt");
const tools = await pythonTools({ name: "cfn-lint", requirements, env: process.env });
if (tools.kind === "none") console.log(`cfn-lint is not asked: ${tools.why}`);
const workflowLinter = actionlint();
if (workflowLinter.kind === "none") console.log(`actionlint is not asked: ${workflowLinter.why}`);

const run = (path: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(path, args, { cwd: repository, encoding: "utf8" });
  return { status, said: `${stdout}${stderr}` };
};

test.skipIf(workflowLinter.kind === "none")("actionlint finds nothing in the workflows", () => {
  const path = workflowLinter.kind === "ready" ? workflowLinter.path : "";
  expect(run(path, "-no-color")).toEqual({ status: 0, said: "" });
});

test.skipIf(tools.kind === "none")("cfn-lint finds nothing in the template of the pipeline's roles", () => {
  const bin = tools.kind === "ready" ? tools.bin : "";
  expect(run(join(bin, "python"), join(bin, "cfn-lint"), "ops/aws/pipeline-roles.yaml")).toEqual({
    status: 0,
    said: "",
  });
});
