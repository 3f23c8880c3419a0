import { SluiceError } from "../messaging/sluice-error.ts";
import { timeOfUuidV7 } from "../messaging/uuid-v7.ts";

/**
 * The rule of a command's age, for its consumer and for everybody who would send it once more.
 * @param eventId a UUIDv7: it tells when the command was made
 * @param retentionMs how long the inbox knows an event
 * @throws SluiceError `too-old`
 */
export const refuseTooOld = (
  eventId: string,
  { retentionMs, now }: { readonly retentionMs: number; readonly now: number },
): void => {
  const age = now - timeOfUuidV7(eventId);
  if (age > retentionMs)
    throw new SluiceError("too-old", `the command is ${age} ms old; the inbox knows the last ${retentionMs} ms only`, {
      hint: "whether it was done already cannot be told any more; send it anew, under a new id, if it is still wanted",
    });
};
