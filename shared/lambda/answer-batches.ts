import type { InboundRecord } from "../messaging/record.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import type { PauseSettings } from "../operations/pauses/pause-settings.ts";
import { staysPaused } from "../operations/pauses/stays-paused.ts";
import type { Queryable } from "../postgres/queryable.ts";
import { type KafkaBatchResponse, toBatchResponse } from "./batch-response.ts";

export type BatchOptions = PauseSettings & {
  readonly db: Queryable;
  /** The function's. */
  readonly name: string;
  readonly PARTIAL_BATCH_RESPONSE: boolean;
  /** How long a paused function waits before it gives a batch back; ten seconds unless said. */
  readonly pauseWaitMs?: number;
};

type Consume = (records: readonly InboundRecord[]) => Promise<{ readonly givenBack: Iterable<InboundRecord> }>;

/**
 * Consumes a mapping's batches, and answers which records are to come again. While the function is paused all are given back untouched: the
 * mapping brings them again, without end, from where it was. To a mapping that takes no partial answer it is said by a fault.
 * @param afterwards housekeeping; not done while paused
 */
export const answeringBatches =
  (options: BatchOptions, consume: Consume, afterwards: () => Promise<unknown>) =>
  async (records: readonly InboundRecord[]): Promise<KafkaBatchResponse> => {
    const { db, name, HEED_PAUSES, PARTIAL_BATCH_RESPONSE, pauseWaitMs } = options;
    if (HEED_PAUSES && (await staysPaused(db, name, pauseWaitMs))) {
      if (PARTIAL_BATCH_RESPONSE) return toBatchResponse(records);
      throw new SluiceError("paused", `${name} is paused: the batch is to come again`, { canRetry: true });
    }
    const { givenBack } = await consume(records);
    await afterwards();
    return toBatchResponse(givenBack);
  };
