import { json } from "../../http/answer.ts";
import { isNotModified, weakEtagOf } from "../../http/etag.ts";
import { ProblemError } from "../../http/problem.ts";
import { defineRoute, type Route } from "../../http/route.ts";
import { findReservation } from "../reservations/find-reservation.ts";
import type { ApiParts } from "./api-parts.ts";
import { readReservationId, reservationIdParameter } from "./reservation-id.ts";
import { noReservation } from "./reservation-refusals.ts";
import { exampleReserved } from "./reservation-schemas.ts";
import { operation } from "./route-table.ts";

export const getReservationRoute = ({ db }: ApiParts): Route =>
  defineRoute({
    ...operation("getReservation"),
    summary: "Reads a reservation: its state, its lines and the states that it was in",
    description:
      "As it is at this moment. The ETag is the version, which counts the states; it is weak, as the outcomes of single " +
      "lines come in under the same version.",
    pathParameters: reservationIdParameter,
    requestHeaders: [
      {
        name: "If-None-Match",
        required: false,
        description: "ETags that the caller has already; 304 answers when the reservation still has one of them",
        example: 'W/"3"',
      },
    ],
    responses: [
      {
        status: 200,
        description: "The reservation",
        schema: "Reservation",
        headers: ["etag"],
        example: exampleReserved,
      },
      { status: 304, description: "The caller has this version already", headers: ["etag"] },
    ],
    problems: ["not-found"],
    handle: async ({ pathParameters, header }) => {
      const reservation = await findReservation(db, readReservationId(pathParameters["id"]));
      if (reservation === undefined) throw new ProblemError(noReservation());
      const headers = { etag: weakEtagOf(reservation.version), "cache-control": "no-cache" };
      if (isNotModified(header("if-none-match"), reservation.version)) return { statusCode: 304, headers, body: "" };
      return json(200, reservation, headers);
    },
  });
