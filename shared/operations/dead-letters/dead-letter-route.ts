import { SluiceError } from "../../messaging/sluice-error.ts";
import type { Letter } from "./letter.ts";

/** Where a topic's dead letters came from and may go back to. */
export type DeadLetterRoute = {
  readonly deadLetterTopic: string;
  readonly origins: readonly string[];
  /** Of a consumer that keeps read models: the projection that they belong to. */
  readonly projection?: string;
  /** What its consumer would refuse: throws a SluiceError whose code is the reason. Only commands have such a rule. */
  readonly refuse?: (letter: Letter, now: number) => void;
};

/**
 * A record goes back to where it came from and nowhere else: another topic's consumer would take it for its own.
 * @throws SluiceError `wrong-target`
 */
export const requireOrigin = ({ deadLetterTopic, origins }: DeadLetterRoute, target: string): void => {
  if (origins.includes(target)) return;
  throw new SluiceError(
    "wrong-target",
    `records of ${deadLetterTopic} came from ${origins.join(", ")}, not ${target}`,
    {
      hint: `a dead letter is replayed to its origin only: --target ${origins[0]}`,
    },
  );
};
