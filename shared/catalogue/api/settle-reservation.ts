import { json } from "../../http/answer.ts";
import { weakEtagOf } from "../../http/etag.ts";
import { ProblemError } from "../../http/problem.ts";
import { defineRoute, type HttpRequest, type Route } from "../../http/route.ts";
import { changeReservation } from "../reservations/change-reservation.ts";
import type { ApiParts } from "./api-parts.ts";
import { readReservationId, reservationIdParameter } from "./reservation-id.ts";
import { deadlinePassed, notReserved, reservationEnded, reservationProblemOf } from "./reservation-refusals.ts";
import { exampleCancelled, exampleConfirmed } from "./reservation-schemas.ts";
import { operation } from "./route-table.ts";

/** Settles a reservation at once, in one transaction with the commands that move its stock. */
const settling =
  (parts: ApiParts, type: "reservation.confirm" | "reservation.cancel") =>
  async ({ pathParameters, trace }: Pick<HttpRequest, "pathParameters" | "trace">) => {
    const command = { type, id: readReservationId(pathParameters["id"]) } as const;
    const outcome = await parts.db.transaction((tx) => changeReservation(tx, command, trace, parts));
    if (outcome.outcome === "refused") throw new ProblemError(reservationProblemOf(outcome));
    const { reservation } = outcome;
    return json(200, reservation, { etag: weakEtagOf(reservation.version) });
  };

export const confirmReservationRoute = (parts: ApiParts): Route =>
  defineRoute({
    ...operation("confirmReservation"),
    summary: "Confirms a reservation whose lines are all reserved, before its deadline",
    description: "Takes no body. Its stock is taken for good. Repeated it answers the same.",
    pathParameters: reservationIdParameter,
    responses: [
      {
        status: 200,
        description: "The reservation is confirmed",
        schema: "Reservation",
        headers: ["etag"],
        example: exampleConfirmed,
      },
    ],
    problems: ["not-found", notReserved, reservationEnded, deadlinePassed],
    handle: settling(parts, "reservation.confirm"),
  });

export const cancelReservationRoute = (parts: ApiParts): Route =>
  defineRoute({
    ...operation("cancelReservation"),
    summary: "Cancels a reservation that is not confirmed",
    description: "Takes no body. Its stock is free again a moment later. Repeated it answers the same.",
    pathParameters: reservationIdParameter,
    responses: [
      {
        status: 200,
        description: "The reservation is cancelled",
        schema: "Reservation",
        headers: ["etag"],
        example: exampleCancelled,
      },
    ],
    problems: ["not-found", reservationEnded],
    handle: settling(parts, "reservation.cancel"),
  });
