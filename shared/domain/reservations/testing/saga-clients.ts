import { decide as decideProduct } from "../../products/product-decision.ts";
import { finalStates, type ReservationLine } from "../reservation.ts";
import type { World } from "./saga-world.ts";

type Wish = { readonly lines: readonly ReservationLine[]; readonly seconds: number; readonly topicOnly: boolean };

const later = (world: World, seconds: number): string =>
  new Date(Date.parse(world.now()) + seconds * 1000).toISOString();

/** Over HTTP: the reservation, and the command that sets it going. `topicOnly`: from a producer that knows no API. */
export const place = (world: World, { lines, seconds, topicOnly }: Wish): void => {
  const wish = { id: world.newId(), lines, placedAt: world.now(), expiresAt: later(world, seconds) };
  if (!topicOnly) world.moveReservation({ type: "reservation.request", ...wish });
  world.write({ type: "reservation.place", ...wish });
};

export const settle = (world: World, verb: "confirm" | "cancel", id: string): void =>
  world.moveReservation({ type: `reservation.${verb}`, id });

export const adjust = (world: World, id: string, delta: number): void =>
  world.write({ type: "product.adjust-stock", id, delta });

export const archive = (world: World, id: string): void => {
  const decision = decideProduct({ type: "product.archive", id }, world.products.get(id), world.now());
  for (const { data } of decision.outcome === "accepted" ? decision.events : []) {
    world.products.set(id, data);
    world.tell(data);
  }
};

/** @param ahead seconds by which the sweeper's clock is ahead of the consumer's */
export const sweep = (world: World, ahead: number): void => {
  for (const { id, state, expiresAt } of world.reservations.values())
    if (!finalStates.has(state) && expiresAt <= later(world, ahead)) world.write({ type: "reservation.expire", id });
};
