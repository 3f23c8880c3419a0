import { setTimeout as sleep } from "node:timers/promises";
import { runSluice, type Tool } from "../../scripts/sluice/run-sluice.ts";
import type { OperationsAnswer, OperationsEvent } from "../../scripts/sluice/stage/operations-event.ts";
import type { Terminal } from "../../scripts/sluice/terminal.ts";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";

/** Lambda answers 6,291,556 bytes at the most. */
const MAX_ANSWER_BYTES = 6_000_000;

const FAILED = 1;

/** A terminal that keeps what is written. Nobody can be asked: the tool has done so. */
const captured = ({ argv, isTty, actor }: OperationsEvent, signal: AbortSignal) => {
  const written = { stdout: "", stderr: "" };
  const terminal: Terminal = {
    argv,
    isTty,
    env: { ...process.env, SLUICE_ACTOR: actor },
    out: (text) => {
      written.stdout += text;
    },
    err: (text) => {
      written.stderr += text;
    },
    canAsk: false,
    ask: async () => "",
    clock: Date.now,
    signal: () => signal,
  };
  return { terminal, written };
};

const tooLong = (): SluiceError =>
  new SluiceError("too-long", "the command was not done when the operations function's time was over", {
    hint: "ask for less, by --limit or a filter; what it has changed the audit tells",
  });

const failure = (fault: SluiceError): Pick<OperationsAnswer, "code" | "fault"> => {
  const { code, message, hint = null, canRetry } = fault;
  return { code: FAILED, fault: { code, message, hint, canRetry } };
};

const withFault = (answer: OperationsAnswer, fault: SluiceError): OperationsAnswer => {
  const hint = fault.hint === undefined ? "" : `  ${fault.hint}\n`;
  return { ...answer, stderr: `${answer.stderr}sluice: ${fault.message}\n${hint}`, ...failure(fault) };
};

const bytes = (answer: OperationsAnswer): number => Buffer.byteLength(JSON.stringify(answer));

/** Whole lines from the beginning, as many as fit. */
const cut = (answer: OperationsAnswer): OperationsAnswer => {
  if (bytes(answer) <= MAX_ANSWER_BYTES) return answer;
  const fault = new SluiceError(
    "answer-too-large",
    "the result is larger than the 6 MB that Lambda answers: it was cut",
    {
      hint: "ask for less, by --limit or a filter",
    },
  );
  let stdout = answer.stdout;
  const shortened = () => withFault({ ...answer, stdout, stderr: answer.stderr.slice(-10_000) }, fault);
  while (bytes(shortened()) > MAX_ANSWER_BYTES) {
    const share = MAX_ANSWER_BYTES / bytes(shortened());
    stdout = stdout.slice(0, Math.floor(stdout.length * share * 0.95));
  }
  stdout = stdout.slice(0, stdout.lastIndexOf("\n") + 1);
  return shortened();
};

/**
 * Runs one command of the tool and answers what it has written. A command that is not done by `until` (milliseconds since 1970) is told to
 * stop, and given up: what it has written by then is answered with exit code 1.
 */
export const runCommand = async (tool: Tool, event: OperationsEvent, until: number): Promise<OperationsAnswer> => {
  const over = new AbortController();
  const done = new AbortController();
  const { terminal, written } = captured(event, over.signal);
  let fault: SluiceError | undefined;
  const onFault = (told: SluiceError): void => {
    fault = told;
  };
  const code = runSluice(terminal, { ...tool, onFault });
  const time = sleep(Math.max(0, until - Date.now()), undefined, { signal: done.signal }).catch(() => undefined);
  const ended = await Promise.race([code, time]);
  done.abort();
  if (ended !== undefined) {
    const told = fault === undefined ? { fault: null } : failure(fault);
    return cut({ ...written, ...told, code: ended });
  }
  over.abort();
  code.catch(() => {}); // nobody waits for it any more
  return cut(withFault({ ...written, code: FAILED, fault: null }, tooLong()));
};
