import { createHash } from "node:crypto";
import { ProblemError } from "./problem.ts";
import { problem } from "./problem-kinds.ts";

/** The place after which a page starts: the sort values of the item before it. */
export type Position = readonly (string | number | boolean | null)[];

const version = 1;

/** A checksum of the place, the query that it belongs to and the layout, so that a damaged or foreign cursor is noticed. */
const seal = (position: string, query: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify([version, query, position]))
    .digest("base64url")
    .slice(0, 22);

/** The answer to a cursor that cannot be used. */
export const invalidCursor = (cause?: unknown): ProblemError => {
  const detail = "is damaged or belongs to another query; start again without it";
  return new ProblemError(
    problem("invalid-request", `the cursor ${detail}`, { errors: [{ parameter: "cursor", detail }] }),
    { cause },
  );
};

/**
 * An opaque cursor. It is sealed against accidents, not signed: a caller who forges one reaches no item
 * that the query without it would not show.
 * @param query the filters and the order, JSON with its members always in the same order
 */
export const encodeCursor = (position: Position, query: unknown): string => {
  const place = JSON.stringify(position);
  return Buffer.from(`${seal(place, query)}${place}`).toString("base64url");
};

/** @throws ProblemError 400 unless `encodeCursor` made it, for this very query */
export const decodeCursor = (cursor: string, query: unknown): Position => {
  const bytes = Buffer.from(cursor, "base64url");
  const text = bytes.toString();
  const place = text.slice(22);
  // base64url is decoded leniently, so that several texts stand for the same bytes: only the one that was given out is good.
  if (bytes.toString("base64url") !== cursor || seal(place, query) !== text.slice(0, 22)) throw invalidCursor();
  return JSON.parse(place) as Position;
};
