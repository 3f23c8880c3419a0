import { readTargets, type Target } from "../../projection/targets.ts";
import { refreshIndex } from "../../search/index-upkeep.ts";
import { compareReadModels } from "./compare-read-models.ts";
import type { Difference } from "./difference.ts";
import { lookAgain } from "./look-again.ts";
import type { ParityParts } from "./parity-parts.ts";

export type VerifyRequest = {
  /** About so many rows, from places by chance; all when left out, or when there are no more. */
  readonly sample?: number | undefined;
  /** How long what differs may take to come right. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (compared: number) => void;
};

export type VerifyReport = {
  readonly projection: string;
  /** Those that were compared: the live ones. What is being built is compared by its rebuild, and what is kept may be what was wrong. */
  readonly targets: readonly Target[];
  readonly compared: number;
  /** False: there are more differences than are listed, and the rest was not looked at. */
  readonly complete: boolean;
  readonly differences: readonly Difference[];
};

const pageSize = 2_000;

/** By id, as what differs is looked at again: so nothing that only a target has is found, and nothing has to be refreshed. */
const compareSample = async (
  parts: ParityParts,
  targets: readonly Target[],
  { sample = 0, limitMs, signal, onProgress }: VerifyRequest,
  count: number,
): Promise<Pick<VerifyReport, "compared" | "differences">> => {
  const ids = await parts.model.writeModel.sample(parts.db, sample / count);
  const differences: Difference[] = [];
  for (let from = 0; from < ids.length; from += pageSize) {
    const page = ids.slice(from, from + pageSize);
    differences.push(...(await lookAgain(parts, targets, page, { limitMs, signal })));
    onProgress?.(from + page.length);
  }
  return { compared: ids.length, differences };
};

const compareAll = async (
  parts: ParityParts,
  targets: readonly Target[],
  { limitMs, signal, onProgress }: VerifyRequest,
): Promise<Pick<VerifyReport, "compared" | "differences" | "complete">> => {
  const from = { position: undefined, compared: 0, differences: [] };
  const options = { pageSize, limitMs, signal, isOver: () => false };
  const onPage = async ({ compared }: { readonly compared: number }) => onProgress?.(compared);
  const { compared, differences, ended } = await compareReadModels(parts, targets, from, { ...options, onPage });
  return { compared, differences, complete: ended === "all" };
};

/**
 * Compares what readers see with the write model, at any time: writes that come meanwhile are given time to arrive. Changes nothing.
 * @throws SluiceError `projection-not-installed`, and the faults of the stores
 */
export const verifyReadModels = async (parts: ParityParts, request: VerifyRequest): Promise<VerifyReport> => {
  const { db, search, model } = parts;
  const { projection } = model;
  const targets = (await readTargets(db, projection)).targets.filter(({ state }) => state === "live");
  const count = await model.writeModel.count(db);
  if (request.sample !== undefined && request.sample < count)
    return { projection, targets, complete: true, ...(await compareSample(parts, targets, request, count)) };
  for (const { kind, name } of targets) if (kind === "search") await refreshIndex(search, name);
  return { projection, targets, ...(await compareAll(parts, targets, request)) };
};
