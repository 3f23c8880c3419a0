import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { productProjectionGroup } from "../../shared/catalogue/product-projection.ts";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { exitCodes } from "../sluice/exit-codes.ts";
import { leftOut, type Outcome, passed, type StepParts } from "./step.ts";

const POLL_MS = 500;

const tool = join(import.meta.dirname, "../sluice.ts");

/** A fault of the tool's, as the tool told it: one line and a hint. */
const toolFault = (stderr: string, message: string): SluiceError => {
  const [first, hint] = stderr.split("\n").filter((line) => line.trim() !== "");
  const what = first?.replace(/^sluice: /, "") ?? message;
  return new SluiceError("tool-failed", what, hint === undefined ? {} : { hint: hint.trim() });
};

type Plan = { readonly reread: string; readonly skipped: string; readonly hash: string };

/**
 * `sluice replay --to-latest` of the projection, with more words behind it; answers what it prints.
 */
const replayToEnd = async ({ options, env, signal }: StepParts, more: readonly string[]): Promise<Plan> => {
  const { stage = "", stack } = options;
  const words = ["replay", "--group", productProjectionGroup, "--to-latest", "--json", "--stage", stage, ...more];
  const named = stage === "local" ? [...words, "--name", stack] : words;
  const { stdout } = await promisify(execFile)(process.execPath, [tool, ...named], { env, signal });
  return JSON.parse(stdout);
};

type ToolEnd = Error & { readonly stderr?: string; readonly code?: unknown };

/** @throws what the tool ended with, as the tool told it; the step's end */
const orFault = (fault: unknown, signal: AbortSignal): never => {
  if (signal.aborted) throw signal.reason;
  const { stderr = "", message } = fault as ToolEnd;
  throw toolFault(stderr, message);
};

const plan = (parts: StepParts): Promise<Plan> =>
  replayToEnd(parts, []).catch((fault: unknown) => orFault(fault, parts.signal));

/**
 * @returns whether it was done; a refusal, as when the log has grown since the plan, is no failure:
 *   it may pass before the deadline
 */
const execute = async (parts: StepParts, { hash }: Plan): Promise<boolean> => {
  try {
    await replayToEnd(parts, ["--execute", "--yes", "--plan", hash, "--reason", "a smoke test: a rewind of nothing"]);
    return true;
  } catch (fault) {
    const { code, stderr = "", message } = fault as ToolEnd;
    if (parts.signal.aborted || code !== exitCodes.refused) return orFault(fault, parts.signal);
    parts.waitsFor(toolFault(stderr, message).message);
    return false;
  }
};

/**
 * Rewinds the group to where it is. Only a plan in which nothing is unread is executed, and by its
 * hash: its targets are offsets that the group had read already, so that nothing is skipped. What
 * arrives meanwhile is read afterwards.
 */
const executeOfNothing = async (parts: StepParts): Promise<Outcome> => {
  for (;;) {
    const found = await plan(parts);
    const isRead = Number(found.skipped) === 0 && Number(found.reread) === 0;
    if (!isRead) parts.waitsFor(`${found.skipped} messages are unread, which a rewind to the end would skip`);
    if (isRead && (await execute(parts, found)))
      return passed(`${productProjectionGroup} rewound to its end: nothing was unread, nothing was skipped`);
    await sleep(POLL_MS, undefined, { signal: parts.signal });
  }
};

/**
 * A rewind to the current end, planned: `replay` without `--execute` reads offsets and writes
 * nothing, so nobody's reading is disturbed. It shows that the tool finds the stage, may invoke
 * `operations`, and that this reaches the brokers. With `--rewind` it is executed, which tries the
 * machine `replay` and its right to the mapping, too.
 */
export const rewindNothing = async (parts: StepParts): Promise<Outcome> => {
  const { stage, url, rewind } = parts.options;
  if (stage === undefined) return leftOut(`${new URL(url).hostname} is not this machine: --stage names the stage`);
  parts.waitsFor("the tool has no plan yet");
  if (rewind) return executeOfNothing(parts);
  const { reread, skipped } = await plan(parts);
  return passed(
    `${productProjectionGroup} planned to its end: ${reread} to read again, ${skipped} unread; not executed`,
  );
};
