import { SluiceError } from "../../messaging/sluice-error.ts";

/** Held by a run; `epoch` tells the processes apart that were at work on it. */
export type ReadModelLease = { readonly projection: string; readonly run: string; readonly epoch: number };

export type LeaseRequest = {
  readonly projection: string;
  readonly run: string;
  /** In the operator's words: `replay`, `rebuild start`. */
  readonly operation: string;
  /** The process. */
  readonly owner: string;
  readonly leaseMs: number;
};

/** Another run has it, or another process is at work on this one. */
export type Holder = {
  readonly run: string;
  readonly operation: string;
  readonly owner: string;
  /** False when its process has not been heard of for so long that another may take the run up. */
  readonly isAlive: boolean;
};

/** Whoever else has it since. Nothing may be written any more, and nothing has to be put back: that is the other's. */
export const leaseLost = ({ projection, run }: ReadModelLease): SluiceError =>
  new SluiceError("lease-lost", `the lease on read model ${projection} is no longer with run ${run} in this process`, {
    hint: "another process has taken the run up: `sluice replay status` and `sluice rebuild status` tell",
  });
