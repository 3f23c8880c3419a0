import type { Step } from "./machine-state.ts";

/** The port to what the machine drives. A call ends shortly after its signal, and the next one goes on; each may be repeated. */
export type Driver = {
  /** So many calls that only go on, one after the other, are taken for one that comes to no end. */
  readonly mostAdvances: number;
  /** Plans, refuses, writes the run down: nothing that anybody reads is touched. A repeated call finds the run that it has begun. */
  begin(order: unknown): Promise<Step>;
  /** As many steps as fit. */
  advance(run: string, handOver: AbortSignal): Promise<Step>;
  /** What was found comes back; a run that is nearly done is finished instead. */
  putBack(run: string, why: string, handOver: AbortSignal): Promise<Step>;
  /** Looks whether it has caught up, and ends it when it has. */
  follow(run: string): Promise<Step>;
};
