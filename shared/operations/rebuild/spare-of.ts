import { SluiceError } from "../../messaging/sluice-error.ts";
import type { Queryable } from "../../postgres/queryable.ts";
import { livePair, type TargetPair } from "../../projection/change-targets.ts";
import type { RebuildRun } from "./rebuild-run.ts";

/** The pair that is not live: the old one after a swap, the new one after a rollback or before a swap. */
export const spareOf = async (
  { db }: { readonly db: Queryable },
  { id, projection, made, found }: RebuildRun,
): Promise<TargetPair> => {
  const live = await livePair(db, projection);
  if (live?.index === made.index && live.table === made.table) return found;
  if (live?.index === found.index && live.table === found.table) return made;
  throw new SluiceError("targets-changed", `neither the old nor the new read models of rebuild ${id} are live`, {
    hint: "somebody has changed projection_target by hand; `select * from projection_target` shows it",
  });
};
