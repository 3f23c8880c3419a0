import type { ClusterReader } from "../../messaging/cluster-reader.ts";
import type { ProjectionGroup } from "../../messaging/consumer-groups.ts";
import type { Transaction } from "../../postgres/queryable.ts";
import type { ReadModel } from "../../projection/read-model.ts";
import type { SearchClient } from "../../search/search-client.ts";
import type { CompareLimits } from "../parity/compare-read-models.ts";
import type { ReadModelLease } from "../read-model-lease/lease.ts";
import type { LeaseParts } from "../read-model-lease/take-up-lease.ts";
import type { MappingControl } from "../rewind/mapping-control.ts";
import type { RebuildRun } from "./rebuild-run.ts";
import type { RebuildChanges } from "./update-rebuild.ts";

/** What a rebuild needs. */
export type RebuildParts = LeaseParts & {
  readonly search: SearchClient;
  readonly reader: Pick<ClusterReader, "topics" | "ranges" | "committed">;
  readonly mapping: Pick<MappingControl, "isReading">;
  readonly model: ReadModel;
  /** Who keeps the read model. */
  readonly group: ProjectionGroup;
  /** Rows of the write model in one page. */
  readonly pageSize: number;
  /** When nothing gets on for so long, the outbox or the group, it is told, and the rest is left to another call. */
  readonly stallMs: number;
  /** How long what the comparison finds may take to come right. */
  readonly parityMs: number;
  /** Of the comparison; as `CompareOptions` has them unless said. */
  readonly compareLimits?: CompareLimits | undefined;
  /** A comparison that is older is done again before the swap. */
  readonly freshMs: number;
  /** Called around each step; a test kills the process there. */
  readonly passing?: (point: string) => void;
};

/** A step's surroundings. */
export type StepContext = RebuildParts & {
  readonly lease: ReadModelLease;
  /** Aborted when the lease is lost. */
  readonly lost: AbortSignal;
  /** Whether the call's time is over, or somebody wants it to end. */
  readonly isOver: () => boolean;
  /** Waits for a moment; less when the call is to end. */
  readonly pause: (ms: number) => Promise<void>;
  /** Writes how far the step is. */
  readonly note: (changes: RebuildChanges) => Promise<void>;
};

/**
 * `done`: the next step may begin; rows that are changed with it are changed in the transaction that says so.
 * `left`: the rest is for another call.
 */
export type StepResult =
  | {
      readonly kind: "done";
      readonly changes?: RebuildChanges;
      readonly beside?: (tx: Transaction) => Promise<RebuildChanges>;
    }
  | { readonly kind: "left"; readonly changes?: RebuildChanges };

export type Perform = (context: StepContext, run: RebuildRun) => Promise<StepResult>;
