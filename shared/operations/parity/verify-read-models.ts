import { readTargets, type Target } from "../../projection/targets.ts";
import { refreshIndex } from "../../search/index-upkeep.ts";
import { comparePage } from "./compare-page.ts";
import { compareReadModels } from "./compare-read-models.ts";
import type { Difference } from "./difference.ts";
import { lookAgain } from "./look-again.ts";
import type { ParityParts } from "./parity-parts.ts";

export type VerifyRequest = {
  /** So many rows at the most, from places by chance; all when left out. */
  readonly sample?: number | undefined;
  /** How long what differs may take to come right. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** From 0 to 1, as `Math.random`. */
  readonly random: () => number;
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
/** Neighbours that are taken together: one place costs as much as so many. */
const neighbours = 20;

const toNumber = (id: string): bigint => BigInt(`0x${id.replaceAll("-", "")}`);

const toId = (number: bigint): string =>
  number
    .toString(16)
    .padStart(32, "0")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

/** An id, there or not, from just before the first to the last. */
const someId = ({ first, last }: { readonly first: string; readonly last: string }, random: () => number): string => {
  const from = toNumber(first) - 1n;
  const share = BigInt(Math.floor(random() * 2 ** 52));
  return toId(from + ((toNumber(last) - from) * share) / 2n ** 52n);
};

const compareSample = async (
  parts: ParityParts,
  targets: readonly Target[],
  { sample = 0, random, limitMs, signal, onProgress }: VerifyRequest,
): Promise<Pick<VerifyReport, "compared" | "differences">> => {
  const bounds = await parts.model.writeModel.bounds(parts.db);
  const suspects = new Set<string>();
  let compared = 0;
  for (let taken = 0; bounds !== undefined && taken < sample; taken += neighbours) {
    signal.throwIfAborted();
    const after = someId(bounds, random);
    const rows = await parts.model.writeModel.page(parts.db, after, Math.min(neighbours, sample - taken));
    const range = { after, upTo: rows.at(-1)?.item.id };
    for (const id of await comparePage(parts, targets, { rows, range })) suspects.add(id);
    compared += rows.length;
    onProgress?.(compared);
  }
  return { compared, differences: await lookAgain(parts, targets, [...suspects], { limitMs, signal }) };
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
  for (const { kind, name } of targets) if (kind === "search") await refreshIndex(search, name);
  const small = request.sample === undefined || (await model.writeModel.count(db)) <= request.sample;
  const found = await (small ? compareAll : compareSample)(parts, targets, request);
  return { projection, targets, complete: true, ...found };
};
