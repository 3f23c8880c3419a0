/** `Absent`: nothing here invokes the function, so nothing has to be held off. */
export type MappingState = "Enabled" | "Disabled" | "Absent";

/** The port to what invokes a group's function: a host's poller, or an event source mapping of Lambda's. */
export type MappingControl = {
  state(functionName: string): Promise<MappingState>;
  /** Returns once it is so; the batch in hand is done by then. Throws when it cannot be done, as when it is gone. */
  disable(functionName: string, signal?: AbortSignal): Promise<void>;
  /** As `disable`; what an operator has paused stays off until that ends. */
  enable(functionName: string, signal?: AbortSignal): Promise<void>;
  /** Whether it is at work now: enabled, and not held off by a pause. */
  isReading(functionName: string): Promise<boolean>;
  /** Whether a member of the group is this mapping. */
  isOwn(functionName: string, clientId: string): boolean;
};
