import type { Clock } from "../../messaging/clock.ts";
import type { Meter } from "../../observability/metrics.ts";
import type { Database } from "../../postgres/queryable.ts";
import { type AppendToOutbox, toOutboxMessage } from "../to-outbox-message.ts";
import { type AskedRow, askForExpiry } from "./ask-for-expiry.ts";

export type SweepOptions = {
  readonly db: Database;
  readonly appendToOutbox: AppendToOutbox;
  readonly meter: Meter;
  readonly clock: Clock;
  /** Reservations of one transaction at the most; their rows are locked as long as it takes. */
  readonly batchSize?: number;
};

/** Reservations whose end was asked for. */
export type SweepReport = { readonly asked: number };

/** Marks a batch and writes a command for each, in one transaction: none is marked without its command. */
const sweepBatch = ({ db, appendToOutbox, clock }: SweepOptions, from: Date, size: number) =>
  db.transaction(async (tx): Promise<readonly AskedRow[]> => {
    const asked = await askForExpiry(tx, from, size);
    const commands = asked.map(({ id }) =>
      toOutboxMessage({ type: "reservation.expire", aggregateType: "reservation", data: { id } }, {}, clock),
    );
    await appendToOutbox(tx, commands);
    return asked;
  });

/**
 * Asks for the end of every reservation that is open past its deadline: a `reservation.expire` command each. Whether it ends is
 * decided where the command arrives. Several may sweep at once, and again: a reservation is asked for once in ten minutes.
 * @param until when to begin no more batches, in milliseconds since 1970; what is left is for the next sweep
 */
export const sweepReservations = async (options: SweepOptions, until: number): Promise<SweepReport> => {
  const { meter, clock, batchSize = 500 } = options;
  let asked = 0;
  let from = new Date(0);
  while (clock() < until) {
    const batch = await sweepBatch(options, from, batchSize);
    asked += batch.length;
    if (batch.length < batchSize) break;
    from = new Date(Math.max(...batch.map(({ expires_at }) => expires_at.getTime())));
  }
  meter.count("ReservationsExpiryAsked", asked);
  return { asked };
};
