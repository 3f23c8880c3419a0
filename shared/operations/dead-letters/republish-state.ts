import * as z from "zod";
import type { PartitionRange } from "../../messaging/cluster-reader.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import type { ToldFault } from "../replay-machine/machine-state.ts";
import type { LetterFilter } from "./letter-filter.ts";
import type { ReplayProgress } from "./replay-dead-letters.ts";
import type { ReplayReport } from "./replay-report.ts";

const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const count = z.number().int().min(1);

/** What is asked of the state machine. */
const orderSchema = z.strictObject({
  actor: z.string().min(1),
  topic: z.string(),
  target: z.string(),
  filter: z
    .strictObject({
      eventIds: z.array(z.string()).optional(),
      reason: z.string().optional(),
      type: z.string().optional(),
      since: time.optional(),
      until: time.optional(),
    })
    .default({}),
  rate: count.optional(),
  max: count.optional(),
  execute: z.boolean().default(false),
});

export type RepublishOrder = z.infer<typeof orderSchema> & { readonly filter: LetterFilter };

/** Offsets are text in JSON: its numbers are doubles. */
type RangeJson = Pick<PartitionRange, "partition"> & { readonly from: string; readonly end: string };

/**
 * What goes through the machine. `page`: more is to be sent, at once; `again`: after a while, as a fault may pass; `done`; `refused`: nothing was
 * begun; `failed`.
 */
export type RepublishState = {
  readonly order: unknown;
  readonly status?: "page" | "again" | "done" | "refused" | "failed";
  /** Of the audit and the ledger. */
  readonly run?: string;
  readonly report?: ReplayReport;
  readonly left?: readonly RangeJson[];
  /** One line for who watches. */
  readonly said?: string;
  /** Pages that failed, one after the other. */
  readonly failures?: number;
  readonly waitSeconds?: number;
  readonly error?: ToldFault;
  /** What the machine caught. */
  readonly fault?: { readonly Error: string; readonly Cause: string };
};

/** @throws SluiceError `usage` */
export const readOrder = (given: unknown): RepublishOrder => {
  const parsed = orderSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new SluiceError("usage", `the order is none: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`);
};

/** Where the machine goes on; undefined at its beginning. */
export const progressOf = ({ report, left }: RepublishState, topic: string): ReplayProgress | undefined => {
  if (report === undefined || left === undefined) return undefined;
  const ranges = left.map(({ partition, from, end }) => ({
    topic,
    partition,
    earliest: BigInt(from),
    end: BigInt(end),
  }));
  return { report, left: ranges };
};

export const rangeJson = ({ partition, earliest, end }: PartitionRange): RangeJson => ({
  partition,
  from: String(earliest),
  end: String(end),
});
