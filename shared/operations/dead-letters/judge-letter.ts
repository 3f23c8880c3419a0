import { SluiceError } from "../../messaging/sluice-error.ts";
import type { DeadLetterRoute } from "./dead-letter-route.ts";
import type { Letter } from "./letter.ts";

/** A record that failed so often fails for a cause that another replay does not mend. */
export const MAX_REPLAYS = 5;

export type JudgeOptions = { readonly route: DeadLetterRoute; readonly target: string; readonly now: number };

/**
 * Why a dead letter is not to be sent to the target; undefined when it may be.
 *
 * - `not-a-dead-letter`: it does not say where it came from.
 * - `wrong-target`: it came from another topic.
 * - `replayed-too-often`: it was replayed 5 times; or its count cannot be read, and then it cannot be bounded.
 * - what the route's own rule says, `too-old` for instance.
 */
export const refusalOf = (letter: Letter, { route, target, now }: JudgeOptions): string | undefined => {
  if (letter.deadLetter === undefined) return "not-a-dead-letter";
  if (letter.deadLetter.original.topic !== target) return "wrong-target";
  if (!(letter.replays < MAX_REPLAYS)) return "replayed-too-often";
  try {
    route.refuse?.(letter, now);
    return undefined;
  } catch (fault) {
    if (fault instanceof SluiceError) return fault.code;
    throw fault;
  }
};
