import type { OutboundRecord } from "../../messaging/record.ts";
import { type Letter, REPLAYS_HEADER } from "./letter.ts";

/**
 * The record as its consumer got it: key, value and headers to the byte and in their order, without what dead-lettering added, and
 * last of all a header that counts its replays.
 */
export const toReplay = (letter: Letter, target: string): OutboundRecord => {
  const { key, value, headers } = letter.deadLetter?.original ?? letter.record;
  const own = headers.filter(([name]) => name !== REPLAYS_HEADER);
  return { topic: target, key, value, headers: [...own, [REPLAYS_HEADER, String(letter.replays + 1)]] };
};
