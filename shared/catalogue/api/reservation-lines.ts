import { type ReservationLine, reservationLinesSchema } from "../../domain/reservations/reservation.ts";
import { type Problem, ProblemError } from "../../http/problem.ts";
import type { Queryable } from "../../postgres/queryable.ts";
import { findProductStatuses } from "../reservations/find-product-statuses.ts";
import { duplicateProduct, productArchived, refuseLines, unknownProduct } from "./reservation-refusals.ts";

/**
 * The lines as the domain has them: each of another product.
 * @throws ProblemError `duplicate-product` with a pointer to each line whose product is on one before it
 */
export const readLines = (lines: readonly ReservationLine[]): readonly ReservationLine[] => {
  const { data, error } = reservationLinesSchema.safeParse(lines);
  if (data !== undefined) return data;
  const repeated = error.issues.map(({ path }) => path[0] as number);
  throw new ProblemError(refuseLines(duplicateProduct, "is on another line, too; add up the quantities", repeated));
};

/**
 * What is wrong with the products of these lines by the write model, as it is now and without locking anything: the caller
 * hears at once of what is plainly wrong, and the command side decides about what changes meanwhile.
 */
export const problemOfProducts = async (
  db: Queryable,
  lines: readonly ReservationLine[],
): Promise<Problem | undefined> => {
  const statuses = await findProductStatuses(
    db,
    lines.map(({ productId }) => productId),
  );
  const linesThatAre = (status: string | undefined) =>
    [...lines.keys()].filter((index) => statuses.get(lines[index]?.productId ?? "") === status);
  const [unknown, archived] = [linesThatAre(undefined), linesThatAre("archived")];
  if (unknown.length > 0) return refuseLines(unknownProduct, "is not known", unknown);
  return archived.length > 0 ? refuseLines(productArchived, "is archived", archived) : undefined;
};
