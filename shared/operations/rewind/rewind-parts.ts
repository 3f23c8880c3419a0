import type { ProjectionGroup } from "../../messaging/consumer-groups.ts";
import type { GroupOffsets } from "../../messaging/group-offsets.ts";
import type { ReadModelLease } from "../read-model-lease/lease.ts";
import type { LeaseParts } from "../read-model-lease/take-up-lease.ts";
import type { MappingControl } from "./mapping-control.ts";
import type { PlanParts } from "./plan-rewind.ts";

/** What applying a rewind needs. */
export type RewindParts = PlanParts &
  LeaseParts & {
    readonly offsets: GroupOffsets;
    readonly mapping: MappingControl;
    /** How long the batch in hand may take to end, and then the group to be empty. */
    readonly disableMs: number;
    readonly emptyMs: number;
    /** Called around each step; a test kills the process there. */
    readonly passing?: (point: string) => void;
  };

/** A step's surroundings. */
export type StepContext = RewindParts & {
  readonly group: ProjectionGroup;
  readonly lease: ReadModelLease;
  readonly signal: AbortSignal;
  /** Ends what is waited for, on the way back too: the process has no more time. */
  readonly handOver: AbortSignal;
};
