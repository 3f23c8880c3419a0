import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lambdaEnvironment } from "../../host/lambda-api/lambda-environment.ts";
import { runSluice } from "../run-sluice.ts";
import type { Target } from "../target.ts";
import type { Execution } from "../testing/local-executions.ts";
import { memoryTerminal } from "../testing/memory-terminal.ts";
import { startStageEndpoint } from "../testing/stage-endpoint.ts";
import { tool } from "../tool.ts";
import { findStage } from "./find-stage.ts";
import type { OperationsAnswer } from "./operations-event.ts";
import { stageCommands } from "./stage-commands.ts";

const RUN = "00000000-0000-4000-8000-000000000001";
const arn = "arn:aws:states:us-east-1:000000000000:stateMachine:replay";

let stopIt: () => Promise<void> = async () => {};
beforeEach(() => vi.stubEnv("AWS_MAX_ATTEMPTS", "1"));
afterEach(async () => {
  vi.unstubAllEnvs();
  await stopIt();
});

type Obstacles = {
  /** Of each action the errors of its first answers, in turn; the last one stays when it is `...`. */
  readonly refused?: Readonly<Record<string, readonly string[]>>;
  /** The looks that the execution takes before it is over. */
  readonly looks?: number;
  /** After which look Ctrl-C is pressed. */
  readonly interruptAfter?: number;
  readonly fault?: OperationsAnswer["fault"];
};

const progress = JSON.stringify({ run: { done: 1, total: 2 }, progress: { step: "load", ratio: 0.5, secondsLeft: 3 } });

/** The tool on a stage whose machine does its work by being looked at, and whose AWS refuses what it is told to. */
const run = async (line: string, { refused = {}, looks = 2, interruptAfter, fault = null }: Obstacles = {}) => {
  const ctrlC = new AbortController();
  const courses: string[] = [];
  const left = Object.fromEntries(Object.entries(refused).map(([action, errors]) => [action, [...errors]]));
  const start = (input: unknown): Execution => {
    const { kind, order } = input as { readonly kind: string; readonly order: { readonly course?: string } };
    courses.push(order.course ?? kind);
    let seen = 0;
    const output = { kind, order, run: RUN, status: "advance", said: "load: 1 of 2 rows" };
    const over = { ...output, status: "done" };
    return {
      ...{ left: [{ name: "Advance", type: "Task", output }], entered: [], over: Promise.resolve() },
      get status() {
        if (++seen === interruptAfter) ctrlC.abort();
        return seen > looks ? ("SUCCEEDED" as const) : ("RUNNING" as const);
      },
      output: over,
    };
  };
  const invoke = async (event: string) => {
    const { argv } = JSON.parse(event) as { readonly argv: readonly string[] };
    const isLook = argv.includes("--json");
    const answer = { stdout: isLook ? progress : "it is shown\n", stderr: "", code: 0, fault: isLook ? fault : null };
    return { ok: true as const, payload: JSON.stringify(answer) };
  };
  const endpoint = await startStageEndpoint({
    parameters: { "/sluice/prod/operations-function": "operations", "/sluice/prod/replay-state-machine": arn },
    machines: { [arn]: { start } },
    functionOf: () => ({ invoke }),
    refuse: (action) => {
      const [next, after] = left[action] ?? [];
      if (after !== "...") left[action]?.shift();
      return next === "" ? undefined : next;
    },
  });
  stopIt = endpoint.stop;
  for (const [name, value] of Object.entries(lambdaEnvironment(endpoint.url))) vi.stubEnv(name, value);
  const { terminal, written } = memoryTerminal([...line.split(" "), "--stage", "prod"], {
    ...{ env: { SLUICE_ACTOR: "ann" }, signal: () => ctrlC.signal },
  });
  const code = await runSluice(terminal, {
    ...tool,
    runOnStage: async ({ name, flags, contextWith }) => {
      const context = contextWith({} as Target);
      const own = stageCommands[name]?.(context);
      return own?.({ stage: await findStage(flags.stage), context, terminal, everyMs: 1 }) ?? -1;
    },
  });
  return { code, courses, ...written };
};

const throttled = "ThrottlingException";

test("how far it is cannot be asked: a note, and the work goes on to its end, the swap included", async () => {
  const fault = { code: "invocation-failed", message: "Task timed out", hint: null, canRetry: false };
  const result = await run("rebuild start --execute --swap", { fault });
  expect(result).toMatchObject({ code: 0, courses: ["build", "swap"], out: "it is shown\n" });
  expect(result.err).toContain("how far it is cannot be told now: Task timed out\n");
  const throttling = await run("rebuild start --execute", { refused: { Invoke: ["TooManyRequestsException"] } });
  expect(throttling).toMatchObject({ code: 0, out: "it is shown\n" });
});

test.each(["DescribeExecution", "GetExecutionHistory"])("%s is asked again when it is throttled", async (action) => {
  const result = await run("rebuild start --execute --swap", {
    refused: { [action]: [throttled, throttled, "", throttled] },
  });
  expect(result).toMatchObject({ code: 0, courses: ["build", "swap"] });
  expect(result.err).toContain(`stage prod: ${throttled}: ${action} is refused by a test; watching on\n`);
});

test.each([
  ["throttled for too long", [throttled, "..."], throttled],
  ["refused for good", ["AccessDeniedException"], "AWS refuses"],
])(
  "a watching that ends because it is %s says that the execution goes on, and what is left",
  async (_, errors, why) => {
    const refused = { DescribeExecution: errors };
    const result = await run("rebuild start --execute --swap", { refused });
    expect(result).toMatchObject({ code: 1, out: "", courses: ["build"] });
    expect(result.err).toMatch(
      new RegExp(
        `sluice: the watching has ended \\(.*${why}.*\\), and execution run-0 goes on\n` +
          "  `sluice rebuild status --stage prod` watches on; the swap is left: `sluice rebuild swap --execute --stage prod` once it is ready\n$",
      ),
    );
  },
);

test("Ctrl-C during a rebuild names the rebuild's own status, and begins no swap", async () => {
  const without = await run("rebuild retire --execute", { interruptAfter: 1, looks: 9 });
  expect(without).toMatchObject({ code: 1, out: "", courses: ["retire"] });
  expect(without.err).toMatch(/execution run-0 goes on\n {2}`sluice rebuild status --stage prod` watches on\n$/);
  const swapping = await run("rebuild start --execute --swap", { interruptAfter: 1, looks: 9 });
  expect(swapping).toMatchObject({ code: 1, out: "", courses: ["build"] });
  expect(swapping.err).toContain("the swap is left");
});

test("what is done and cannot be shown is done all the same", async () => {
  const refused = { Invoke: ["", "", "TooManyRequestsException", "..."] };
  const result = await run("rebuild start --execute", { refused });
  expect(result).toMatchObject({ code: 1, courses: ["build"] });
  expect(result.err).toContain("execution run-0 has done it, and cannot be shown: ");
  expect(result.err).toContain(`  \`sluice rebuild status ${RUN} --stage prod\` shows it\n`);
  expect(await run("rebuild start --execute", { refused: { Invoke: ["", "", throttled] } })).toMatchObject({
    code: 0,
    out: "it is shown\n",
  });
});
