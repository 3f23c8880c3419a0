import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pythonTools } from "../python/python-tools.ts";
import { repository } from "../stack/paths.ts";
import { parseToolLine } from "./testing/parse-tool-line.ts";
import { pageCommands, type ShellCommand, scriptCommands } from "./testing/shell-commands.ts";
import { faultsOfSst } from "./testing/sst-help.ts";

const pages = [
  ...["README.md", "CONTRIBUTING.md"],
  ...["DEPLOY", "OPERATIONS", "SECURITY", "ARCHITECTURE", "BENCHMARKS"].map((name) => `docs/${name}.md`),
  ...readdirSync(join(repository, "docs/decisions")).map((name) => `docs/decisions/${name}`),
];
const scripts = [
  "ops/aws/token.sh",
  ...readdirSync(join(repository, ".github/workflows")).map((name) => `.github/workflows/${name}`),
];

const read = (file: string): string => readFileSync(join(repository, file), "utf8");

type Found = ShellCommand & { readonly file: string };

const commandsOf = (program: string): readonly Found[] => [
  ...pages.flatMap((file) => pageCommands(read(file), program).map((command) => ({ ...command, file }))),
  ...scripts.flatMap((file) => scriptCommands(read(file), program).map((command) => ({ ...command, file }))),
];

const requirements = join(import.meta.dirname, "requirements.txt");
const tools = await pythonTools({ name: "awscli", requirements, env: process.env });
if (tools.kind === "none")
  console.log(`AWS's command line is not asked about what the pages say to type: ${tools.why}`);

/** One run for all of them: it takes a second to start. */
const faultsOfAws = (commands: readonly ShellCommand[]): readonly (readonly string[])[] => {
  const python = join(tools.kind === "ready" ? tools.bin : "", "python");
  const program = join(import.meta.dirname, "testing/aws-commands.py");
  const { stdout, stderr } = spawnSync(python, [program], { input: JSON.stringify(commands), encoding: "utf8" });
  return stderr === "" ? JSON.parse(stdout) : [[stderr]];
};

const inDeploy = (commands: readonly Found[]): number =>
  commands.filter(({ file }) => file === "docs/DEPLOY.md").length;

describe("what the pages say to type is known to the program that it is typed for", () => {
  const aws = commandsOf("aws");
  const sst = commandsOf("npx sst");

  test.skipIf(tools.kind === "none")("aws: services, operations, options, and what --query asks of an answer", () => {
    const faults = faultsOfAws(aws);
    const wrong = aws.flatMap(({ file, shown }, index) =>
      (faults[index] ?? ["it was not read"]).map((fault) => `${file}: ${fault}: ${shown}`),
    );
    expect(wrong).toEqual([]);
    expect(inDeploy(aws)).toBeGreaterThan(3);
  });

  test.each(sst)("$file: $shown", ({ words }) => {
    expect(faultsOfSst(words)).toEqual([]);
  });

  test("sst: DEPLOY.md deploys, compares and removes", () => {
    const named = new Set(sst.filter(({ file }) => file === "docs/DEPLOY.md").map(({ words: [name] }) => name));
    expect([...named]).toEqual(expect.arrayContaining(["deploy", "diff", "remove"]));
  });

  test.each(commandsOf("npm run"))("$file: $shown", ({ words }) => {
    const names = words.filter((word) => !word.startsWith("-"));
    expect(Object.keys(JSON.parse(read("package.json")).scripts)).toContain(names[0]);
  });

  test.each(commandsOf("npx sluice"))("$file: $shown", async ({ words, whole }) => {
    const line = words.map((word) => (/\s/.test(word) ? `'${word}'` : word)).join(" ");
    await expect(parseToolLine(line, { complete: whole })).resolves.toEqual(expect.any(String));
  });
});

test("a wrong command is told", () => {
  expect(faultsOfSst(["deploy", "--stge", "dev"])).toEqual(["sst deploy has no --stge"]);
  expect(faultsOfSst(["deploi", "--stage", "dev"])).toEqual(["sst has no deploi"]);
  expect(faultsOfSst(["shell", "--stage", "dev", "--", "node", "--any"])).toEqual([]);
});

test.skipIf(tools.kind === "none")("a wrong command of AWS is told", () => {
  const wrong = (...words: string[]) => faultsOfAws([{ words, whole: true, shown: "" }]).flat();
  expect(wrong("sts", "get-caller-identities")).toEqual(["aws sts has no get-caller-identities"]);
  expect(wrong("sts", "get-caller-identity", "--querry", "Account")).toEqual([
    "aws sts get-caller-identity has no --querry",
  ]);
  expect(wrong("sts", "get-caller-identity", "--query", "Acount")).toEqual([
    "--query: GetCallerIdentityResponse has no Acount",
  ]);
  expect(wrong("cognito-idp", "list-user-pools")).toEqual(["aws cognito-idp list-user-pools wants --max-results"]);
});
