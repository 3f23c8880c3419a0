import { setTimeout as sleep } from "node:timers/promises";
import { Option } from "commander";
import type { ClusterReader } from "../../shared/messaging/cluster-reader.ts";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { Progress, Sighting } from "../../shared/operations/groups/measure-progress.ts";
import type { Command, Context } from "./command.ts";
import { duration } from "./duration.ts";
import { type Column, table } from "./table.ts";
import { toJson } from "./to-json.ts";
import { withCluster } from "./with-cluster.ts";

export type WatchFlags = { readonly group?: string; readonly look?: boolean };
type Flags = WatchFlags;

/** What is known of the groups now. */
type Look = () => Promise<readonly Sighting[]>;

const EVERY_MS = 2_000;

const columns: readonly Column<Progress>[] = [
  ["TIME", ({ at }) => new Date(at).toISOString().slice(11, 19)],
  ["GROUP", ({ group }) => group],
  ["STATE", ({ state }) => state],
  ["LAG", ({ lag }) => lag],
  ["LAG-SECONDS", ({ lagSeconds }) => lagSeconds.toFixed(1)],
  ["RATE/S", ({ rate }) => rate?.toFixed(1)],
  ["CATCH-UP", ({ secondsToCatchUp }) => duration(secondsToCatchUp)],
];

const look = async (reader: ClusterReader, { flags, clock }: Context<Flags>): Promise<readonly Sighting[]> => {
  const { requireGroup } = await import("../../shared/operations/groups/require-group.ts");
  const { sightGroups } = await import("../../shared/operations/groups/measure-progress.ts");
  if (flags.group !== undefined) await requireGroup(reader, flags.group);
  return sightGroups(reader, flags.group === undefined ? await reader.groups() : [flags.group], clock);
};

/** A broker that is away for a while ends the watch no more than it ends the work that is watched. */
const lookAgain = async (again: Look, context: Context<Flags>): Promise<readonly Sighting[]> => {
  try {
    return await again();
  } catch (fault) {
    if (!(fault instanceof SluiceError && fault.canRetry)) throw fault;
    context.err(`sluice: ${fault.message}; watching on\n`);
    return [];
  }
};

/** The heading comes again only when the columns have moved. */
const rowsOf = (progress: readonly Progress[], shown: { heading: string }): string => {
  const [heading = "", ...rows] = table(columns, progress).split("\n");
  const isNew = heading !== shown.heading;
  shown.heading = heading;
  return (isNew ? [heading, ...rows] : rows).join("\n");
};

/** Shows what each look makes of the one before, until Ctrl-C. */
export const watchGroups = async (context: Context<Flags>, again: Look): Promise<void> => {
  const { measureProgress } = await import("../../shared/operations/groups/measure-progress.ts");
  const signal = context.signal();
  const before = new Map<string, Sighting>();
  const shown = { heading: "" };
  let sightings = await again();
  if (sightings.length === 0) context.err("The cluster has no groups yet.\n");
  while (!signal.aborted) {
    const progress = sightings.map((each) => measureProgress(before.get(each.group), each));
    if (progress.length > 0) context.out(`${context.json ? toJson(progress) : rowsOf(progress, shown)}\n`);
    for (const each of sightings) before.set(each.group, each);
    await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
    if (!signal.aborted) sightings = await lookAgain(again, context);
  }
};

type SightingJson = Omit<Sighting, "lag" | "committed"> & {
  readonly lag: string;
  readonly committed: readonly (readonly [string, string])[];
};

/** Offsets are text there: JSON's numbers are doubles. */
const sightingsJson = (sightings: readonly Sighting[]): string =>
  JSON.stringify(
    sightings.map(({ lag, committed, ...rest }): SightingJson => {
      const offsets = [...committed].map(([partition, offset]) => [partition, String(offset)] as const);
      return { ...rest, lag: String(lag), committed: offsets };
    }),
  );

export const readSightings = (json: string): readonly Sighting[] =>
  (JSON.parse(json) as readonly SightingJson[]).map(({ lag, committed, ...rest }) => ({
    ...rest,
    lag: BigInt(lag),
    committed: new Map(committed.map(([partition, offset]) => [partition, BigInt(offset)])),
  }));

/** Until Ctrl-C: how far behind a group is, how fast it reads, and when it will have caught up. */
export const command: Command<Flags> = {
  describe: "lag, rate and time to catch up, every 2 seconds until Ctrl-C",
  effect: "reads",
  options: [
    new Option("--group <group>", "this group; all when left out"),
    new Option("--look", "one look, as JSON: what a watch on a stage asks for").hideHelp(),
  ],
  run: (context) =>
    withCluster(context, async (reader) => {
      if (context.flags.look) context.out(`${sightingsJson(await look(reader, context))}\n`);
      else await watchGroups(context, () => look(reader, context));
    }),
};
