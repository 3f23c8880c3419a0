import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { ProblemError } from "./problem.ts";

const query = ["tea", null, "price-asc"];
const position = fc.array(
  fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  ),
  { maxLength: 4 },
);
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".split("");

test("a cursor goes back to the place that it was made of", () => {
  fc.assert(
    fc.property(position, (place) => {
      const cursor = encodeCursor(place, query);
      expect(cursor).toMatch(/^[\w-]+$/);
      expect(decodeCursor(cursor, query)).toEqual(JSON.parse(JSON.stringify(place)));
    }),
  );
});

test("one changed, missing or added character makes a cursor useless", () => {
  fc.assert(
    fc.property(
      position,
      fc.nat(),
      fc.constantFrom(...alphabet, "="),
      fc.constantFrom("change", "remove", "add", "cut"),
      (place, at, letter, how) => {
        const cursor = encodeCursor(place, query);
        const index = at % cursor.length;
        const damaged = {
          change: cursor.slice(0, index) + letter + cursor.slice(index + 1),
          remove: cursor.slice(0, index) + cursor.slice(index + 1),
          add: cursor.slice(0, index) + letter + cursor.slice(index),
          cut: cursor.slice(0, index),
        }[how];
        fc.pre(damaged !== cursor);
        expect(() => decodeCursor(damaged, query)).toThrow(ProblemError);
      },
    ),
    { numRuns: 1_000 },
  );
});

test.each([[["coffee", null, "price-asc"]], [["tea", null, "price-desc"]], [["tea", "price-asc"]], [undefined]])(
  "a cursor is refused under another query: %j",
  (other) => {
    expect(() => decodeCursor(encodeCursor([1, "x"], query), other)).toThrow(ProblemError);
  },
);

test("a damaged cursor is a 400 that names the parameter", () => {
  try {
    decodeCursor("!", query);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ problem: { status: 400, errors: [{ parameter: "cursor" }] } });
  }
});
