import { isDeepStrictEqual } from "node:util";
import { unitsOf } from "../../products/units.ts";
import { finalStates, type Reservation } from "../reservation.ts";
import type { Check, Checks } from "./saga-steps.ts";
import type { World } from "./saga-world.ts";

const law = (holds: boolean, otherwise: string): readonly string[] => (holds ? [] : [otherwise]);

/** No count is below zero, no unit is made or lost, and readers get each aggregate's events in order. */
const always: Check = (world, broker) => [
  ...[...world.products.values()].flatMap((product) => [
    ...law(Math.min(product.stock, product.reserved, product.committed) >= 0, `${product.id}: below zero`),
    ...law(unitsOf(product) === world.units.get(product.id), `${product.id}: units were made or lost`),
  ]),
  ...broker.disorder.map((event) => `out of order: ${event}`),
];

const linesIn = (world: World, state: Reservation["state"], productId: string): number =>
  [...world.reservations.values()]
    .filter((reservation) => reservation.state === state)
    .flatMap(({ lines }) => lines)
    .filter((line) => line.productId === productId)
    .reduce((sum, { quantity }) => sum + quantity, 0);

/** What is reserved is what waits for a confirmation, and what is committed was confirmed. */
const atRest: Check = (world) =>
  [...world.products.values()].flatMap(({ id, reserved, committed }) => [
    ...law(reserved === linesIn(world, "reserved", id), `${id}: ${reserved} reserved, but not by open reservations`),
    ...law(committed === linesIn(world, "confirmed", id), `${id}: ${committed} committed, but not by confirmed ones`),
  ]);

/** It has ended once, in time where that matters, and its lines are at their products what it says. */
const hasEnded = (world: World, { id, state, history, version, expiresAt, lines }: Reservation): readonly string[] => {
  const ends = history.filter((entry) => finalStates.has(entry.state));
  const [end] = ends;
  const holds = [...lines.keys()].flatMap((line) => world.holds.get(`${id}/${line}`)?.state ?? []);
  const fitting = state === "confirmed" ? ["committed"] : ["released", "refused"];
  return [
    ...law(ends.length === 1 && end?.state === state && history.at(-1) === end, `${id}: not in one final state`),
    ...law(version === history.length, `${id}: version ${version} is not its ${history.length}th state`),
    ...law(state !== "confirmed" || (end?.at ?? "") < expiresAt, `${id}: confirmed after the deadline`),
    ...law(state !== "expired" || (end?.at ?? "") >= expiresAt, `${id}: expired before the deadline`),
    ...law(
      holds.every((hold) => fitting.includes(hold)) && (state !== "confirmed" || holds.length === lines.length),
      `${id}: ${state}, its lines are ${holds}`,
    ),
  ];
};

/** Each reservation has ended, and who read the events has the state that was written. */
const atTheEnd: Check = (world, broker) => [
  ...[...world.reservations.values()].flatMap((reservation) => hasEnded(world, reservation)),
  ...[...broker.newest].flatMap(([id, { state }]) =>
    law(
      isDeepStrictEqual(state, world.reservations.get(id) ?? world.products.get(id)),
      `${id}: read as something else than was written`,
    ),
  ),
];

/** What the saga promises. */
export const laws: Checks = { always, atRest, atTheEnd };
