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
  readonly undoOf?: string | undefined;
};
