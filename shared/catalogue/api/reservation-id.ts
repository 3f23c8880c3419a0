import { pathIdSchema, readPathId } from "./path-id.ts";
import { noReservation } from "./reservation-refusals.ts";

/** The path parameter of routes on one reservation. */
export const reservationIdParameter = { id: { description: "The reservation's id, a UUIDv7", schema: pathIdSchema } };

/** @throws ProblemError 404 for what is no id of a reservation */
export const readReservationId = (text: string | undefined): string => readPathId(text, noReservation);
