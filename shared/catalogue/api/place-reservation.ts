import type { ReservationLine } from "../../domain/reservations/reservation.ts";
import type { ReservationCommand } from "../../domain/reservations/reservation-decision.ts";
import { json } from "../../http/answer.ts";
import { idempotencyKeyHeader } from "../../http/idempotency/idempotency-key.ts";
import { keyedWrites } from "../../http/idempotency/keyed-writes.ts";
import { problemAnswer } from "../../http/problem.ts";
import { defineRoute, type Route } from "../../http/route.ts";
import type { Clock } from "../../messaging/clock.ts";
import { uuidV7 } from "../../messaging/uuid-v7.ts";
import { changeReservation } from "../reservations/change-reservation.ts";
import type { ApiParts } from "./api-parts.ts";
import { problemOfProducts, readLines } from "./reservation-lines.ts";
import { duplicateProduct, productArchived, reservationProblemOf, unknownProduct } from "./reservation-refusals.ts";
import { exampleNewReservation, examplePlaced, newReservationSchema } from "./reservation-schemas.ts";

const template = "/reservations";

const request = (lines: readonly ReservationLine[], expiresInSeconds: number, clock: Clock): ReservationCommand => {
  const now = clock();
  return {
    type: "reservation.request",
    id: uuidV7(clock),
    lines,
    placedAt: new Date(now).toISOString(),
    expiresAt: new Date(now + expiresInSeconds * 1000).toISOString(),
  };
};

export const placeReservationRoute = (parts: ApiParts): Route => {
  const once = keyedWrites(parts, `POST ${template}`);
  return defineRoute({
    operationId: "placeReservation",
    method: "POST",
    path: template,
    summary: "Places a reservation of stock of one or several products",
    description:
      "It is reserved as a whole or not at all, a moment later: its Location tells of it. Then it waits to be confirmed. " +
      "Repeated with the same Idempotency-Key and body within 24 hours it answers the same and places nothing.",
    requestHeaders: [idempotencyKeyHeader("reservation")],
    body: {
      name: "NewReservation",
      schema: newReservationSchema,
      mediaTypes: ["application/json"],
      example: exampleNewReservation,
    },
    responses: [
      {
        status: 202,
        description: "The reservation is placed",
        schema: "Reservation",
        headers: ["location"],
        example: examplePlaced,
      },
    ],
    problems: [
      ...[duplicateProduct, unknownProduct, productArchived],
      ...(["request-in-progress", "idempotency-key-reused"] as const),
    ],
    handle: async (asked) => {
      const lines = readLines(asked.body.lines);
      return once(asked, async (tx) => {
        const unfit = await problemOfProducts(tx, lines);
        if (unfit !== undefined) return problemAnswer(unfit, asked.path);
        const command = request(lines, asked.body.expiresInSeconds, parts.clock);
        const outcome = await changeReservation(tx, command, asked.trace, parts);
        if (outcome.outcome === "refused") return problemAnswer(reservationProblemOf(outcome), asked.path);
        return json(202, outcome.reservation, { location: `${template}/${command.id}` });
      });
    },
  });
};
