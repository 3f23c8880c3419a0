import type { Product } from "../../products/product.ts";
import type { decideStock, StockCommand, StockHold } from "../../products/stock-decision.ts";
import type { Reservation } from "../reservation.ts";
import type { decide, followUps, ReservationCommand } from "../reservation-decision.ts";

type AnyCommand = StockCommand | ReservationCommand;

/** A row of the outbox, and the record that it becomes. `id` is the event id. */
export type Message = { readonly id: number; readonly key: string } & (
  | { readonly topic: "commands"; readonly command: AnyCommand }
  | { readonly topic: "events"; readonly version: number; readonly state: unknown }
);

/** What is tried out: the domain's own rules, or broken ones that a check must find. */
export type Rules = {
  readonly decide: typeof decide;
  readonly followUps: typeof followUps;
  readonly decideStock: typeof decideStock;
  /** Whether a repeated command of this type is known by its event id. */
  readonly inbox: (type: AnyCommand["type"]) => boolean;
  /** Whether the first deliveries of a key come in the order in which they were written. */
  readonly ordered: (topic: Message["topic"]) => boolean;
};

const start = Date.parse("2026-01-02T03:00:00.000Z");
const productOf = (id: string, stock: number, at: string): Product => ({
  ...{ id, sku: id, title: id, description: "", category: "c", attributes: {}, status: "active" },
  ...{ price: { amount: 1, currency: "EUR" }, stock, reserved: 0, committed: 0 },
  ...{ version: 1, createdAt: at, updatedAt: at },
});

/** The database: what transactions read and write. A function of it is one transaction, done as a whole. */
export const createWorld = (rules: Rules, stocks: readonly number[]) => {
  let clock = start;
  let ids = 0;
  const now = (): string => new Date(clock).toISOString();
  const products = new Map(stocks.map((stock, index) => [`p${index}`, productOf(`p${index}`, stock, now())]));
  /** What each product's units must add up to. */
  const units = new Map(stocks.map((stock, index) => [`p${index}`, stock]));
  const holds = new Map<string, StockHold>();
  const reservations = new Map<string, Reservation>();
  const inbox = new Set<number>();
  const adjusted = new Set<number>();
  const outbox: Message[] = [];

  const write = (command: AnyCommand): void => {
    outbox.push({ id: ids++, topic: "commands", key: command.id, command });
  };
  const tell = (state: { readonly id: string; readonly version: number }): void => {
    outbox.push({ id: ids++, topic: "events", key: state.id, version: state.version, state });
  };

  const moveReservation = (command: ReservationCommand): void => {
    const decision = rules.decide(command, reservations.get(command.id), now());
    for (const fact of decision.outcome === "accepted" ? decision.events : []) {
      reservations.set(fact.data.id, fact.data);
      if (fact.type !== "reservation.line-recorded") tell(fact.data);
      for (const order of rules.followUps(fact)) write(order);
    }
  };

  const moveStock = (command: StockCommand, eventId: number): void => {
    const key = "line" in command ? `${command.reservationId}/${command.line}` : "";
    const decision = rules.decideStock(command, products.get(command.id), holds.get(key), now());
    if (decision.hold !== undefined) holds.set(key, decision.hold);
    for (const { data } of decision.outcome === "accepted" ? decision.events : []) {
      products.set(data.id, data);
      tell(data);
    }
    if (command.type === "product.adjust-stock" && decision.outcome === "accepted" && !adjusted.has(eventId)) {
      adjusted.add(eventId);
      units.set(command.id, (units.get(command.id) as number) + command.delta);
    }
    if (command.type !== "product.reserve-stock") return;
    const { reservationId: id, line } = command;
    const word =
      decision.outcome === "accepted"
        ? ({ outcome: "reserved" } as const)
        : ({ outcome: "refused", reason: decision.reason } as const);
    write({ type: "reservation.record-line", id, line, ...word });
  };

  return {
    ...{ products, units, holds, reservations, outbox, now, write, tell, moveReservation },
    newId: (): string => `r${ids++}`,
    tick: (seconds: number): void => {
      clock += seconds * 1000;
    },
    /** What the consumer does with a command. */
    handle: (id: number, command: AnyCommand): void => {
      if (rules.inbox(command.type) && inbox.has(id)) return;
      inbox.add(id);
      if (command.type.startsWith("reservation.")) moveReservation(command as ReservationCommand);
      else moveStock(command as StockCommand, id);
    },
  };
};

export type World = ReturnType<typeof createWorld>;
