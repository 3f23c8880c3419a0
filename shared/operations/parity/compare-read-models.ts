import type { SourceRow } from "../../projection/read-model.ts";
import type { Target } from "../../projection/targets.ts";
import { comparePage } from "./compare-page.ts";
import type { Difference } from "./difference.ts";
import { lookAgain } from "./look-again.ts";
import type { ParityParts } from "./parity-parts.ts";

/** How far a comparison came; whoever takes it up goes on there. */
export type Comparison = {
  /** Ids up to this one are compared. */
  readonly position: string | undefined;
  readonly compared: number;
  readonly differences: readonly Difference[];
};

export type CompareLimits = {
  /** So many suspects are looked at again together. */
  readonly suspectsAtOnce: number;
  /** With so many differences it stops. */
  readonly mostDifferences: number;
};

export type CompareOptions = {
  /** Rows in one page. */
  readonly pageSize: number;
  /** See `lookAgain`. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** Asked after each page: whether it shall leave the rest to another call. */
  readonly isOver: () => boolean;
  readonly onPage: (soFar: Comparison) => Promise<void>;
  /** 2,000 and 1,000 unless said. */
  readonly limits?: CompareLimits | undefined;
};

/** `all`: to the end; `left`: its time was over; `too-many`: there are more differences than anybody would read. */
export type Compared = Comparison & { readonly ended: "all" | "left" | "too-many" };

const usual: CompareLimits = { suspectsAtOnce: 2_000, mostDifferences: 1_000 };

/**
 * Compares every row of the write model with what each target holds: id, version and content, and what only a target has.
 * Indexes have to be refreshed before. Writes that come meanwhile do no harm: what differs is looked at again, and nothing else is.
 */
export const compareReadModels = async (
  parts: ParityParts,
  targets: readonly Target[],
  from: Comparison,
  options: CompareOptions,
): Promise<Compared> => {
  const { pageSize, signal, limits = usual } = options;
  const pageAfter = (after: string | undefined): Promise<readonly SourceRow[]> => {
    const page = parts.model.writeModel.page(parts.db, after, pageSize);
    page.catch(() => {}); // read ahead, and heard when it is its turn
    return page;
  };
  let [at, suspects]: [Comparison, readonly string[]] = [from, []];
  const settle = async (): Promise<void> => {
    const differences = [...at.differences, ...(await lookAgain(parts, targets, suspects, options))];
    [at, suspects] = [{ ...at, differences }, []];
  };
  for (let next = pageAfter(at.position); ; ) {
    signal.throwIfAborted();
    const rows = await next;
    const last = rows.length < pageSize;
    const upTo = rows.at(-1)?.item.id;
    if (!last) next = pageAfter(upTo);
    // The last page is open at its end: what is beyond it only a target has, or it came while this was read.
    const range = { after: at.position, upTo: last ? undefined : upTo };
    suspects = [...suspects, ...(await comparePage(parts, targets, { rows, range }))];
    at = { ...at, position: upTo ?? at.position, compared: at.compared + rows.length };
    if (last || suspects.length >= limits.suspectsAtOnce || options.isOver()) await settle();
    if (last) return { ...at, ended: "all" };
    if (at.differences.length >= limits.mostDifferences) return { ...at, ended: "too-many" };
    if (options.isOver() && suspects.length === 0) return { ...at, ended: "left" };
    await options.onPage(at);
  }
};
