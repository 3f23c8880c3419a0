import { Option } from "commander";
import { expect, test } from "vitest";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { Command, Context } from "./command.ts";
import { commands as realCommands } from "./commands.ts";
import { runSluice, type Tool } from "./run-sluice.ts";
import type { Terminal } from "./terminal.ts";
import { memoryTerminal } from "./testing/memory-terminal.ts";
import { tool } from "./tool.ts";

const file = (command: Command) => async () => ({ command });

/** Runs with commands that tell what they were given. */
const run = async (line: string, more: Partial<Terminal> & { readonly answer?: string } = {}) => {
  const seen: { name: string; context: Context }[] = [];
  const telling = (name: string, effect: Command["effect"], rest: Partial<Command> = {}): Command => ({
    describe: `does ${name}`,
    effect,
    run: async (context) => void seen.push({ name, context }),
    ...rest,
  });
  const fail = (code: string, hint?: string) =>
    telling(code, "reads", {
      run: async () => {
        throw new SluiceError(code, `it is ${code}`, hint === undefined ? {} : { hint });
      },
    });
  const commands = {
    look: file(telling("look", "reads", { options: [new Option("--count <count>").argParser(Number)] })),
    "look closer": file(telling("look closer", "reads", { args: ["<id>"] })),
    flush: file(telling("flush", "acts")),
    status: file(
      telling("status", "reads", {
        options: [new Option("--resume"), new Option("--follow")],
        acts: (flags) => "resume" in flags,
      }),
    ),
    rewind: file(telling("rewind", "plans")),
    "fail at-all": file(fail("broken", "mend it")),
    "fail usage": file(fail("usage")),
    need: file(telling("need", "reads", { options: [new Option("--group <group>").makeOptionMandatory()] })),
    "fail rule": file(fail("not-rewindable")),
    "fail group": file(fail("unknown-group")),
    "fail broker": file(fail("broker-unavailable")),
    show: file(
      telling("show", "reads", {
        run: async ({ print }) => print({ offset: 2n ** 60n, lag: undefined }, () => "text"),
      }),
    ),
  };
  const { terminal, written } = memoryTerminal(line.split(" ").filter(Boolean), more);
  const onStage: string[] = [];
  const runOnStage: Tool["runOnStage"] = async ({ name, flags }) => {
    onStage.push(`${name} on ${flags.stage}`);
    return 0;
  };
  const code = await runSluice(terminal, { ...tool, commands, runOnStage });
  return { code, seen, onStage, ...written };
};

test("a command is given its flags and arguments; the longest name wins", async () => {
  const short = await run("look --count 3");
  const long = await run("look closer abc");
  expect(short).toMatchObject({ code: 0, seen: [{ name: "look", context: { flags: { count: 3 }, execute: false } }] });
  expect(long).toMatchObject({ code: 0, seen: [{ name: "look closer", context: { args: ["abc"] } }] });
});

test.each([
  ["rewind", false],
  ["rewind --dry-run", false],
  ["rewind --execute", true],
  ["flush", true],
  ["look", false],
  ["status", false],
  ["status --follow", false],
  ["status --resume", true],
])("`%s` executes: %s", async (line, execute) => {
  expect((await run(line)).seen).toMatchObject([{ context: { execute } }]);
});

test.each([
  ["", "Usage: sluice"],
  ["look --cuont 3", "unknown option '--cuont'\n  (Did you mean --count?)"],
  ["look twice", "too many arguments"],
  ["look closer", "missing required argument 'id'\n  `sluice look closer --help`"],
  ["lok", "there is no command `lok`\n  did you mean `sluice look`?"],
  ["look closr abc", "too many arguments"],
  ["lok closer", "there is no command `lok closer`\n  did you mean `sluice look closer`?"],
  ["nothing like it", "there is no command `nothing like it`\n  `sluice --help`"],
  ["watch --cuont 3", "there is no command `watch`\n  `sluice --help`"],
  ["need --gorup x", "unknown option '--gorup'\n  (Did you mean --group?)"],
  ["fail usage", "it is usage\n  `sluice fail usage --help` tells the options"],
  ["fail", "fail rule"],
  ["fail wrong", "there is no command `fail wrong`\n  there are: fail at-all, fail usage, fail rule"],
  ["--json look", "--json stands before the command"],
  ["rewind --dry-run --execute", "cannot be used with option"],
  ["look --execute", "unknown option '--execute'"],
  ["flush --dry-run", "unknown option '--dry-run'"],
])("what is not understood ends with 2, and nothing is done: `%s`", async (line, message) => {
  const { code, seen, out, err } = await run(line);
  expect(code).toBe(2);
  expect(seen).toEqual([]);
  expect(out).toBe("");
  expect(err).toContain(message);
});

test.each([
  ["fail at-all", 1, "sluice: it is broken\n  mend it\n"],
  ["fail rule", 3, "sluice: it is not-rewindable\n"],
  ["fail group", 3, "sluice: it is unknown-group\n"],
  ["fail broker", 1, "sluice: it is broker-unavailable\n  is Kafka up? "],
])("`%s` ends with %i, and one line and a hint", async (line, code, err) => {
  const result = await run(line);
  expect(result).toMatchObject({ code, out: "", err: expect.stringContaining(err) });
  expect(result.err.split("\n").length).toBeLessThanOrEqual(3);
});

test("a bug is not taken for a fault", async () => {
  const broken: Command = { describe: "", effect: "reads", run: () => Promise.reject(new TypeError("a bug")) };
  const { terminal } = memoryTerminal(["x"]);
  await expect(runSluice(terminal, { ...tool, commands: { x: file(broken) } })).rejects.toThrow("a bug");
});

test.each(["--help", "fail --help", "look --help", "look closer --help"])("`%s` is an answer", async (line) => {
  const { code, out, err } = await run(line);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain("Usage: sluice");
});

test("the list names every command with what it does", async () => {
  expect((await run("--help")).out).toMatch(/look closer\s+does look closer\n/);
  expect((await run("fail --help")).out).not.toContain("look closer");
});

test("one JSON document for programs: digits as they are, null for what is not known; text for people", async () => {
  expect((await run("show --json")).out).toBe('{"offset":1152921504606846976,"lag":null}\n');
  expect((await run("show")).out).toBe("text\n");
});

test.each([
  ["rewind --execute --stage prod", "prod", 1, 0],
  ["rewind --execute --stage prod", "prdo", 1, 3],
  ["flush --stage prod", "", 1, 3],
  ["flush --stage prod --yes", "", 0, 0],
  ["rewind --stage prod", "", 0, 0],
  ["look --stage prod", "", 0, 0],
  ["status --follow --stage prod", "", 0, 0],
  ["status --resume --stage prod", "prdo", 1, 3],
  ["status --resume --stage prod --yes", "", 0, 0],
])(
  "on a terminal, before a change, a stage that is not local is asked for: `%s`, answered %j",
  async (line, answer, asked, code) => {
    const result = await run(line, { canAsk: true, answer });
    expect(result.asked).toHaveLength(asked);
    expect(result).toMatchObject({ code, seen: [], onStage: code === 0 ? [`${line.split(" ")[0]} on prod`] : [] });
  },
);

test.each([
  ["replay status --stage prod", 0],
  ["replay status --follow --stage prod", 0],
  ["replay status --resume --stage prod", 1],
])("the real tool asks before it takes a run up, not before it looks: `%s`", async (line, asked) => {
  const { terminal, written } = memoryTerminal(line.split(" "), { canAsk: true, answer: "prod" });
  expect(await runSluice(terminal, { ...tool, runOnStage: async () => 0 })).toBe(0);
  expect(written.asked).toHaveLength(asked);
});

test("nobody is asked where nobody can answer, nor for the local stack", async () => {
  expect((await run("flush --stage prod")).asked).toEqual([]);
  expect(await run("flush", { canAsk: true })).toMatchObject({ asked: [], code: 0 });
});

test("every command there is can tell what it does", async () => {
  for (const [name, load] of Object.entries(realCommands)) {
    const { terminal, written } = memoryTerminal([...name.split(" "), "--help"]);
    expect(await runSluice(terminal, tool), name).toBe(0);
    expect(written.out).toContain(`Usage: sluice ${name}`);
    expect((await load()).command.describe).toMatch(/^[a-z].*[^.]$/);
  }
});
