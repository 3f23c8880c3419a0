import { expect, test } from "vitest";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { exitCodeOf } from "./exit-codes.ts";
import { runSluice } from "./run-sluice.ts";
import { memoryTerminal } from "./testing/memory-terminal.ts";
import { tool } from "./tool.ts";

/** Of a stack that does not run: whoever asks a part for anything fails by that. */
const run = async (line: string) => {
  const { terminal, written } = memoryTerminal([...line.split(" "), "--name", "nowhere"]);
  return { code: await runSluice(terminal, tool), ...written };
};

const commands = ["replay", "groups reset-offsets"];
const ways = ["", " --execute", " --dry-run", " --json", " --execute --yes", " --execute --plan 0123456789abcdef"];
const paths = commands.flatMap((command) => ways.map((way) => `${command} --to-earliest${way}`));

test.each(paths)(
  "`sluice %s` refuses a command group and an unknown one by itself, asking nobody, and quotes the rule",
  async (path) => {
    expect(await run(`${path} --group product-command-group`)).toMatchObject({
      code: 3,
      out: "",
      err: expect.stringContaining("command consumers are never rewound"),
    });
    expect(await run(`${path} --group nobody`)).toMatchObject({
      code: 3,
      out: "",
      err: expect.stringContaining("only registered projections are rewound"),
    });
  },
);

test.each(["--force", "-f", "--no-guard"])("there is no %s", async (flag) => {
  for (const command of commands)
    expect(await run(`${command} --group product-command-group --to-earliest --execute ${flag}`)).toMatchObject({
      code: 2,
    });
});

test.each([
  "unknown-member",
  "not-rewindable",
  "unknown-group",
  "outside-log",
  "no-record-since",
  "plan-changed",
  "lease-held",
])("%s is a refusal to the shell", (code) => {
  expect(exitCodeOf(new SluiceError(code, "no"))).toBe(3);
});

test.each([
  ["", "no target is named"],
  [" --to-earliest --to-latest", "more than one target is named"],
  [" --to-offset x", "whole number"],
  [" --to-datetime yesterday", "no time"],
  [" --by-duration P", "no duration"],
  [" --to-earliest --topic a:b", "names no topic"],
  [" --from-file /no/such/file", "cannot be read"],
])("a command line that says nothing is told: replay%s", async (flags, said) => {
  expect(await run(`replay --group product-event-projection-group${flags}`)).toMatchObject({
    code: 2,
    err: expect.stringContaining(said),
  });
});
