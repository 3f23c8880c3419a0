import { expect, test } from "vitest";
import type { Command, Context } from "../../scripts/sluice/command.ts";
import type { Tool } from "../../scripts/sluice/run-sluice.ts";
import { runCommand } from "./run-command.ts";

const MAX_LAMBDA_BYTES = 6_291_556;

/** A tool of one command, `look`. */
const toolOf = (run: (context: Context) => Promise<void>): Tool => {
  const command: Command = { describe: "looks", effect: "reads", run };
  return { commands: { look: async () => ({ command }) }, targetOf: () => ({}) as never };
};

const asked = { argv: ["look"], isTty: false, actor: "ann", files: {} };
const soon = () => Date.now() + 60_000;

test("what a command writes is answered with its exit code", async () => {
  const tool = toolOf(async ({ out, err }) => {
    out("a table\n");
    err("a note\n");
  });

  expect(await runCommand(tool, asked, soon())).toEqual({
    stdout: "a table\n",
    stderr: "a note\n",
    code: 0,
    fault: null,
  });
});

test("a result that Lambda could not answer is cut at the end of a line, said, and is no success", async () => {
  const line = `${"ä".repeat(99)}\n`; // two bytes each
  const tool = toolOf(async ({ out }) => out(line.repeat(50_000)));

  const answer = await runCommand(tool, asked, soon());

  expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(MAX_LAMBDA_BYTES);
  expect(answer.stdout.length).toBeGreaterThan(line.length * 20_000);
  expect(answer.stdout.endsWith("\n")).toBe(true);
  expect(answer).toMatchObject({ code: 1, fault: { code: "answer-too-large" } });
  expect(answer.stderr).toContain("it was cut");
});

test("a command that does not end in time is told to stop, and what it has written is answered", async () => {
  let stopped = false;
  const tool = toolOf(async ({ out, signal }) => {
    out("so far\n");
    const { promise } = Promise.withResolvers<never>();
    signal().addEventListener("abort", () => {
      stopped = true;
    });
    return promise;
  });

  const answer = await runCommand(tool, asked, Date.now() + 50);

  expect(answer).toMatchObject({ stdout: "so far\n", code: 1, fault: { code: "too-long" } });
  expect(stopped).toBe(true);
});
