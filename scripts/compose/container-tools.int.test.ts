import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { pythonTools } from "../python/python-tools.ts";
import { repository } from "../stack/paths.ts";
import { composeFile } from "./compose-file.ts";

const requirements = join(import.meta.dirname, "requirements.txt");
const tools = await pythonTools({ name: "container-tools", requirements, env: process.env });
if (tools.kind === "none") console.log(`Docker's own compose and hadolint are not asked: ${tools.why}`);

const runIn = (cwd: string, command: string, ...args: string[]) => {
  const path = join(tools.kind === "ready" ? tools.bin : "", command);
  const { status, stdout, stderr } = spawnSync(path, args, { cwd, encoding: "utf8" });
  return { status, stdout, stderr };
};
const run = (command: string, ...args: string[]) => runIn(repository, command, ...args);

/** By npm alone the file is checked against the schema, and the Dockerfile by another linter: the unit tests beside this. */
test.skipIf(tools.kind === "none")("Docker's own compose reads the file, and reads what is meant", () => {
  const { status, stdout, stderr } = run(
    "docker-compose",
    ...["--file", "docker-compose.yml", "--profile", "*", "config", "--format", "json"],
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const { name, services } = JSON.parse(stdout);
  expect(services.provision.image).toBe(`${name}:local`);
  expect(Object.keys(services).sort()).toEqual(Object.keys(composeFile.services).sort());
  for (const [service, { command, environment }] of Object.entries(composeFile.services)) {
    if (command !== undefined) expect(services[service].command).toHaveLength(command.length);
    expect(Object.keys(services[service].environment ?? {}).sort()).toEqual(Object.keys(environment ?? {}).sort());
  }
});

test.skipIf(tools.kind === "none")(
  "two clones are two projects, with networks, volumes and an image of their own",
  () => {
    const parent = mkdtempSync(join(tmpdir(), "sluice-clones-"));
    onTestFinished(() => rmSync(parent, { recursive: true }));
    const named = (folder: string) => {
      const clone = join(parent, folder);
      mkdirSync(clone);
      cpSync(join(repository, "docker-compose.yml"), join(clone, "docker-compose.yml"));
      const { networks, volumes, services } = JSON.parse(
        runIn(clone, "docker-compose", "config", "--format", "json").stdout,
      );
      const names = [...Object.values(networks), ...Object.values(volumes)].map(
        (each) => (each as { name: string }).name,
      );
      return [...names, services.api.image as string];
    };
    const [one, other] = [named("sluice"), named("sluice-2")];
    expect(one).toContain("sluice_postgres");
    expect(one.filter((name) => other.includes(name))).toEqual([]);
  },
);

test.skipIf(tools.kind === "none")("hadolint finds nothing in the Dockerfile", () => {
  expect(run("hadolint", "--no-color", "Dockerfile")).toEqual({ status: 0, stdout: "", stderr: "" });
});
