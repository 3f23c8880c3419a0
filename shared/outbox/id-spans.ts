/** Where a claim looks for ids: from `from[n]` to `to[n]`, ascending, but for those `among` them. */
export type IdSpans = {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly among: readonly number[];
};

/** PostgreSQL's `bigint` ends later, but no id of ours comes so far. */
const last = Number.MAX_SAFE_INTEGER;

/**
 * All ids but those in flight. When these are a run without a gap, as in a backlog that one drainer has to itself, the run is passed over
 * whole: nothing else can be in it, and the claim need not look at each of its rows to find that it is in flight. Else, as ids in
 * the gaps may belong to rows that commit later, everything is looked at and what is in flight is named.
 */
export const spansWithout = (inFlight: readonly number[]): IdSpans => {
  if (inFlight.length === 0) return { from: [0], to: [last], among: [] };
  let lowest = last;
  let highest = 0;
  for (const id of inFlight) {
    if (id < lowest) lowest = id;
    if (id > highest) highest = id;
  }
  const isRun = highest - lowest + 1 === inFlight.length;
  return isRun
    ? { from: [0, highest + 1], to: [lowest - 1, last], among: [] }
    : { from: [0], to: [last], among: inFlight };
};

/** An array literal of ids: node-pg would quote each number by itself, which took as long as reading the rows. */
export const idList = (ids: readonly number[]): string => `{${ids.join(",")}}`;
