import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import { actorOf } from "../actor.ts";
import type { Terminal } from "../terminal.ts";
import type { Stage } from "./find-stage.ts";
import { invokeFunction } from "./invoke-function.ts";
import type { OperationsAnswer, OperationsEvent } from "./operations-event.ts";

type Asking = Pick<Terminal, "env" | "isTty">;
type Asked = Pick<OperationsEvent, "argv"> & Partial<Pick<OperationsEvent, "files">>;

const callOperations = async (
  stage: Stage,
  { env, isTty }: Asking,
  { argv, files = {} }: Asked,
): Promise<OperationsAnswer> => {
  const event: OperationsEvent = { argv, isTty, actor: actorOf(env), files };
  const { payload } = await invokeFunction(stage, "operations", JSON.stringify(event));
  return JSON.parse(payload);
};

/** Has a stage run a command of the tool, and writes what it answers. Answers the exit code. */
export const runInOperations = async (
  stage: Stage,
  terminal: Asking & Pick<Terminal, "out" | "err">,
  asked: Asked,
): Promise<number> => {
  const { stdout, stderr, code } = await callOperations(stage, terminal, asked);
  terminal.err(stderr);
  terminal.out(stdout);
  return code;
};

/**
 * Has a stage run a command for its result alone.
 * @throws SluiceError what the command failed with
 */
export const askOperations = async (
  stage: Stage,
  { env }: Pick<Terminal, "env">,
  argv: readonly string[],
): Promise<string> => {
  const { stdout, fault } = await callOperations(stage, { env, isTty: false }, { argv });
  if (fault === null) return stdout;
  const { code, message, hint, canRetry } = fault;
  throw new SluiceError(code, message, { canRetry, ...(hint === null ? {} : { hint }) });
};
