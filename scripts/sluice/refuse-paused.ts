import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { listPauses } from "../../shared/operations/pauses/list-pauses.ts";
import type { Queryable } from "../../shared/postgres/queryable.ts";

/** What somebody has paused is not run by hand by somebody else. @throws SluiceError `paused` */
export const refusePaused = async (db: Queryable, name: string, resume: string): Promise<void> => {
  const pause = (await listPauses(db)).find((each) => each.function === name);
  if (pause === undefined) return;
  const why = pause.reason === undefined ? "" : `: ${pause.reason}`;
  throw new SluiceError("paused", `${name} was paused by ${pause.actor} at ${pause.pausedAt}${why}`, {
    hint: `\`${resume}\` ends the pause`,
  });
};
