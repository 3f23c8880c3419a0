import type { ReservationFact } from "../../domain/reservations/reservation-decision.ts";
import { followUps } from "../../domain/reservations/reservation-decision.ts";
import type { Clock } from "../../messaging/clock.ts";
import type { Trace } from "../../messaging/cloud-event.ts";
import type { OutboxMessage } from "../../outbox/outbox-message.ts";
import { type Told, toOutboxMessage } from "../to-outbox-message.ts";

/** The event of a fact, where it is published, and then a command for each thing that is to be done at a product. */
export const toldOf = (fact: ReservationFact): readonly Told[] => {
  const { type, data } = fact;
  const event: Told = { type, aggregateType: "reservation", data, version: data.version };
  const commands = followUps(fact).map(({ type, ...order }): Told => ({ type, aggregateType: "product", data: order }));
  return type === "reservation.line-recorded" ? commands : [event, ...commands];
};

/**
 * What follows from a request over HTTP as rows of the outbox. A request has no event id that could be named as the cause,
 * so the first message has none, and what follows it is caused by it.
 */
export const messagesOf = (told: readonly Told[], trace: Trace, clock: Clock): readonly OutboxMessage[] => {
  const [first, ...others] = told;
  if (first === undefined) return [];
  const event = toOutboxMessage(first, trace, clock);
  const caused = { ...trace, causationId: trace.causationId ?? event.eventId };
  return [event, ...others.map((each) => toOutboxMessage(each, caused, clock))];
};
