import type { Context } from "../command.ts";
import { readSightings, type WatchFlags, watchGroups } from "../groups-watch.ts";
import { askOperations } from "./call-operations.ts";
import type { OnStage } from "./follow-execution.ts";

/** `groups watch`: the tool looks again and again, as a function cannot watch for long. */
export const watchOnStage = (context: Context) => {
  const { group, look } = context.flags as WatchFlags;
  if (look) return undefined;
  const argv = ["groups", "watch", "--look", ...(group === undefined ? [] : ["--group", group])];
  return async ({ stage, terminal }: OnStage): Promise<number> => {
    await watchGroups(context, async () => readSightings(await askOperations(stage, terminal, argv)));
    return 0;
  };
};
