import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { isLocal } from "./target.ts";
import type { Terminal } from "./terminal.ts";

/** What is about to happen, and where. */
export type Intent = { readonly command: string; readonly stage: string; readonly yes: boolean };

/**
 * On a terminal a stage that is not local is asked for once more before anything is changed there. Programs are not asked.
 * @throws SluiceError `not-confirmed` when another name is typed
 */
export const confirmStage = async ({ command, stage, yes }: Intent, { canAsk, ask }: Terminal): Promise<void> => {
  if (isLocal(stage) || yes || !canAsk) return;
  const typed = await ask(`\`sluice ${command}\` will change stage ${stage}. Type the stage's name to go on: `);
  if (typed.trim() === stage) return;
  throw new SluiceError("not-confirmed", `stage ${stage} was not confirmed; nothing was changed`, {
    hint: "type the stage's name when asked for it, or give --yes",
  });
};
