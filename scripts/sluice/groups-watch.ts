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

type Flags = { readonly group?: string };

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
  const { sightGroups } = await import("../../shared/operations/groups/measure-progress.ts");
  return sightGroups(reader, flags.group === undefined ? await reader.groups() : [flags.group], clock);
};

/** A broker that is away for a while ends the watch no more than it ends the work that is watched. */
const lookAgain = async (reader: ClusterReader, context: Context<Flags>): Promise<readonly Sighting[]> => {
  try {
    return await look(reader, context);
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

const watch = async (reader: ClusterReader, context: Context<Flags>): Promise<void> => {
  const { requireGroup } = await import("../../shared/operations/groups/require-group.ts");
  const { measureProgress } = await import("../../shared/operations/groups/measure-progress.ts");
  const signal = context.signal();
  if (context.flags.group !== undefined) await requireGroup(reader, context.flags.group);
  const before = new Map<string, Sighting>();
  const shown = { heading: "" };
  let sightings = await look(reader, context);
  if (sightings.length === 0) context.err("The cluster has no groups yet.\n");
  while (!signal.aborted) {
    const progress = sightings.map((each) => measureProgress(before.get(each.group), each));
    if (progress.length > 0) context.out(`${context.json ? toJson(progress) : rowsOf(progress, shown)}\n`);
    for (const each of sightings) before.set(each.group, each);
    await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
    if (!signal.aborted) sightings = await lookAgain(reader, context);
  }
};

/** Until Ctrl-C: how far behind a group is, how fast it reads, and when it will have caught up. */
export const command: Command<Flags> = {
  describe: "lag, rate and time to catch up, every 2 seconds until Ctrl-C",
  effect: "reads",
  options: [new Option("--group <group>", "this group; all when left out")],
  run: (context) => withCluster(context, (reader) => watch(reader, context)),
};
