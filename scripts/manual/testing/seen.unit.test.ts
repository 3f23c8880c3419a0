import { expect, test } from "vitest";
import { notSeen } from "./seen.ts";

const printed = `progress of something
api                 | ready on http://localhost:1; Ctrl-C stops everything
PENDING  OLDEST  SENT/S  COORDINATOR (ID)
12       -       0.3     127.0.0.1:1 (1)

outbox-publisher is paused since 2027-01-01T00:00:00.000Z; host 7 keeps to it
`;

test.each([
  ["a heading, however wide its columns", "PENDING   OLDEST   SENT/S   COORDINATOR (ID)"],
  [
    "a sentence with other numbers",
    "outbox-publisher is paused since 2026-11-24T00:25:43.879Z; host 31723 keeps to it",
  ],
  ["a sentence whose rest is left out", "outbox-publisher is paused since …"],
  ["a line of a log", "api  | ready on http://localhost:8000; Ctrl-C stops everything"],
  ["a row of a table", "0        5s      0.1     somebody else wrote this"],
  ["a line of two words", "of nothing"],
])("is seen: %s", (_name, line) => {
  expect(notSeen([line], printed)).toEqual([]);
});

test.each([
  ["a column that is gone", "PENDING  OLDEST  SENT/S  PARKED  COORDINATOR (ID)"],
  ["a column with another name", "PENDING  OLDEST-ROW  SENT/S  COORDINATOR (ID)"],
  ["columns in another order", "OLDEST  PENDING  SENT/S  COORDINATOR (ID)"],
  ["a sentence with another word", "outbox-publisher is held since 2026-11-24T00:25:43.879Z; host 31723 keeps to it"],
  ["another line of a log", "api  | steady on http://localhost:8000; Ctrl-C stops everything"],
  ["a sentence that is not whole", "outbox-publisher is paused since 2026-11-24T00:25:43.879Z"],
])("is not seen: %s", (_name, line) => {
  expect(notSeen([line], printed)).toEqual([line]);
});

test("with headings only, a sentence may be another", () => {
  const example = ["PENDING  OLDEST", "nobody ever printed these words"];
  expect(notSeen(example, printed, { headingsOnly: true })).toEqual(["PENDING  OLDEST"]);
});
