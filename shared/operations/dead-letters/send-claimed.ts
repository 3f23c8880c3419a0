import type { RecordPublisher } from "../../messaging/record-publisher.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import type { Database } from "../../postgres/queryable.ts";
import { type Claimer, claimLetters } from "./claim-letters.ts";
import type { Letter } from "./letter.ts";
import { settleClaims } from "./settle-claims.ts";
import { toReplay } from "./to-replay.ts";

export type SendPorts = { readonly db: Database; readonly publisher: RecordPublisher };

/**
 * Sends dead letters of one partition: claimed before the send, settled after the broker's answer. Whatever dies in between, the next run
 * sends these records at the most once more, and no others.
 * @throws SluiceError `replay-failed` (can be retried when its cause can) when some were not acknowledged; `replay-running`
 */
export const sendClaimed = async (
  { db, publisher }: SendPorts,
  letters: readonly Letter[],
  { target, ...claimer }: Claimer & { readonly target: string },
): Promise<void> => {
  if (letters.length === 0) return;
  await claimLetters(db, letters, claimer);
  const outcomes = await publisher.publish(letters.map((letter) => toReplay(letter, target)));
  const sent = letters.filter((_, index) => outcomes[index]?.status === "acknowledged");
  await settleClaims(db, letters, sent, claimer.run);
  const failed = outcomes.find(({ status }) => status !== "acknowledged");
  if (failed === undefined || failed.status === "acknowledged") return;
  const why = failed.status === "failed" ? failed.error.message : `too large: ${failed.reason}`;
  const count = letters.length - sent.length;
  throw new SluiceError("replay-failed", `${count} of ${letters.length} records could not be sent: ${why}`, {
    canRetry: failed.status === "failed",
    ...(failed.status === "failed" && { cause: failed.error }),
    hint: "what was acknowledged is in the ledger and goes no second time; run it again",
  });
};
