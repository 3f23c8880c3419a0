import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { holdDiagram } from "../products/hold-diagram.ts";
import { finalStates, reservationStates } from "./reservation.ts";
import { reservationDiagram } from "./reservation-diagram.ts";
import { reservationStatesPage } from "./reservation-states-page.ts";

test("docs/reservation-states.md is what the deciders do; npm run contracts writes it", () => {
  const page = readFileSync(new URL("../../../docs/reservation-states.md", import.meta.url), "utf8");

  expect(page).toBe(reservationStatesPage());
});

test("every state of a reservation is reached, and those that are final lead nowhere", () => {
  const lines = reservationDiagram().split("\n");
  for (const state of reservationStates) {
    expect(lines.some((line) => line.includes(`--> ${state}:`))).toBe(true);
    expect(lines.includes(`    ${state} --> [*]`)).toBe(finalStates.has(state));
  }
});

test("a hold ends released, committed or as a tombstone; a refused one can still become that", () => {
  const ends = holdDiagram()
    .split("\n")
    .filter((line) => line.endsWith("--> [*]"));

  expect(ends.map((line) => line.trim().split(" ")[0]).sort()).toEqual(["committed", "released", "tombstone"]);
});
