import type { Refused } from "../../domain/decision.ts";
import type { ReservationRefusal } from "../../domain/reservations/reservation-decision.ts";
import type { Problem } from "../../http/problem.ts";
import { problem } from "../../http/problem-kinds.ts";
import type { ProblemSpec } from "../../http/route.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";

export const duplicateProduct: ProblemSpec = {
  kind: "duplicate-product",
  status: 422,
  title: "Two lines are of the same product",
};
export const unknownProduct: ProblemSpec = {
  kind: "unknown-product",
  status: 422,
  title: "A line is of a product that there is not",
};
export const productArchived: ProblemSpec = {
  kind: "product-archived",
  status: 422,
  title: "A line is of a product that is archived",
};

export const notReserved: ProblemSpec = {
  kind: "not-reserved",
  status: 409,
  title: "Not all lines are reserved yet",
  headerNames: ["retry-after"],
};
export const reservationEnded: ProblemSpec = {
  kind: "reservation-ended",
  status: 409,
  title: "The reservation has ended otherwise",
};
export const deadlinePassed: ProblemSpec = {
  kind: "deadline-passed",
  status: 409,
  title: "The reservation's deadline has passed",
};

export const noReservation = (): Problem => problem("not-found", "there is no such reservation");

const problemAs = ({ kind, status, title }: ProblemSpec, detail: string, more: Partial<Problem> = {}): Problem => ({
  ...{ kind, status, title, detail },
  ...more,
});

/** What is wrong with the products of some lines, with a pointer to each of them. */
export const refuseLines = (spec: ProblemSpec, detail: string, indexes: readonly number[]): Problem =>
  problemAs(spec, `${indexes.length} line(s): the product ${detail}`, {
    errors: indexes.map((index) => ({ pointer: `/lines/${index}/productId`, detail })),
  });

/** A refusal in HTTP's words. */
export const reservationProblemOf = ({ reason, detail }: Refused<ReservationRefusal>): Problem => {
  const state = `the reservation is ${detail["state"]}`;
  switch (reason) {
    case "not-found":
      return noReservation();
    case "not-reserved":
      return problemAs(notReserved, `${state}; try again`, { headers: { "retry-after": "1" } });
    case "ended":
      return problemAs(reservationEnded, state);
    case "deadline-passed":
      return problemAs(deadlinePassed, "the time in which it could be confirmed is over; it ends by itself");
    case "unknown-line":
      throw new SluiceError("unknown-line", "a command that names no line was refused for one");
  }
};
