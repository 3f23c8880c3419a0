import type { RewindRequest } from "./rewind-request.ts";

/** Who wants what, and why. */
export type Order = {
  readonly request: RewindRequest;
  readonly actor: string;
  /** In the operator's words: `replay`, `groups reset-offsets`, `replay undo`. */
  readonly operation: string;
  readonly reason?: string | undefined;
  /** Of a plan that was shown before: another one is refused. */
  readonly planHash?: string | undefined;
  /** The run that is undone; it is ended when this one is opened, if it is still followed. */
  readonly undoOf?: string | undefined;
};
