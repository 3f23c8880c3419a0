import { expect, test } from "vitest";
import { type Reservation, type ReservationState, reservationSchema, reservationStates } from "./reservation.ts";
import { decide, evolve, followUps, type ReservationCommand } from "./reservation-decision.ts";

const id = "01890a5d-ac96-774b-bcce-b302099a8050";
const [tea, cup] = ["01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8058"] as const;
const placedAt = "2026-01-02T03:00:00.000Z";
const early = "2026-01-02T03:14:59.999Z";
const expiresAt = "2026-01-02T03:15:00.000Z";
const lines = [
  { productId: tea, quantity: 3 },
  { productId: cup, quantity: 1 },
];

type Outcome = Reservation["lines"][number]["outcome"];
const reservationIn = (
  state: ReservationState,
  outcomes: readonly Outcome[] = ["pending", "pending"],
): Reservation => ({
  ...{ id, state, version: 5, placedAt, expiresAt, updatedAt: placedAt },
  lines: lines.map((line, index) => ({ ...line, outcome: outcomes[index] as Outcome })),
  history: [{ state: "placed", at: placedAt }],
});
const passed = (before: Reservation, state: ReservationState, at: string): Reservation => ({
  ...before,
  ...{ state, version: before.version + 1, updatedAt: at, history: [...before.history, { state, at }] },
});
const fact = (data: Reservation) => ({ type: `reservation.${data.state}`, data });
const accepted = (...events: readonly object[]) => ({ outcome: "accepted", events });
const refused = (reason: string, detail: object = {}) => ({ outcome: "refused", reason, detail });

const request: ReservationCommand = { type: "reservation.request", id, lines, placedAt, expiresAt };
const place: ReservationCommand = { ...request, type: "reservation.place" };
const record = (line: number, outcome: "reserved" | "refused", reason?: string): ReservationCommand => ({
  type: "reservation.record-line",
  ...{ id, line, outcome, reason },
});
const [confirm, cancel, expire] = (["confirm", "cancel", "expire"] as const).map(
  (verb): ReservationCommand => ({ type: `reservation.${verb}`, id }),
) as [ReservationCommand, ReservationCommand, ReservationCommand];

const open = ["placed", "reserving", "reserved"] as const;
const ended = ["confirmed", "rejected", "cancelled", "expired"] as const;
const bothTimes = [early, expiresAt];

const first: Reservation = {
  ...{ ...reservationIn("placed"), version: 1, updatedAt: early },
  history: [{ state: "placed", at: early }],
};

test("given nothing, when requested, then it is placed, and valid", () => {
  expect(decide(request, undefined, early)).toEqual(accepted(fact(first)));
  expect(reservationSchema.parse(first)).toEqual(first);
});

test.each(reservationStates)("given it is %s, when requested again, then nothing happens", (state) => {
  for (const now of bothTimes) expect(decide(request, reservationIn(state), now)).toEqual(accepted());
});

test("given nothing, when placed in time, then it is placed and reserving; when too late, placed and expired", () => {
  expect(decide(place, undefined, early)).toEqual(accepted(fact(first), fact(passed(first, "reserving", early))));
  const late = { ...first, updatedAt: expiresAt, history: [{ state: "placed" as const, at: expiresAt }] };
  expect(decide(place, undefined, expiresAt)).toEqual(accepted(fact(late), fact(passed(late, "expired", expiresAt))));
});

test("given times of another precision, when placed, then it keeps them to the millisecond", () => {
  const times = { placedAt: "2026-01-02T03:00:00Z", expiresAt: "2026-01-02T03:15:00Z" };
  expect(decide({ ...place, ...times }, undefined, early)).toEqual(decide(place, undefined, early));
});

test("given it is placed, when the command comes, then it is reserving, or expired when that was too late", () => {
  const before = reservationIn("placed");
  expect(decide(place, before, early)).toEqual(accepted(fact(passed(before, "reserving", early))));
  expect(decide(place, before, expiresAt)).toEqual(accepted(fact(passed(before, "expired", expiresAt))));
});

test.each(reservationStates.slice(1))("given it is %s, when placed again, then nothing happens", (state) => {
  for (const now of bothTimes) expect(decide(place, reservationIn(state), now)).toEqual(accepted());
});

const recordedIn = (before: Reservation, outcomes: readonly Outcome[], reason?: string) => {
  const data: Reservation = {
    ...{ ...before, updatedAt: early },
    lines: before.lines.map((line, index) => ({
      ...{ ...line, outcome: outcomes[index] as Outcome },
      ...(outcomes[index] === "refused" && { reason }),
    })),
  };
  return { type: "reservation.line-recorded", data };
};

test("given two lines pending, when one is reserved, then it is recorded, with no version of its own", () => {
  const before = reservationIn("reserving");
  const after = recordedIn(before, ["pending", "reserved"]);
  expect(decide(record(1, "reserved"), before, early)).toEqual(accepted(after));
  expect(after.data.version).toBe(before.version);
});

test("given one line pending, when it is reserved, then all are", () => {
  const before = reservationIn("reserving", ["pending", "reserved"]);
  const after = recordedIn(before, ["reserved", "reserved"]);
  expect(decide(record(0, "reserved"), before, early)).toEqual(
    accepted(after, fact(passed(after.data, "reserved", early))),
  );
});

test("given lines pending, when one is refused, then it is rejected at once, and the line says why", () => {
  const before = reservationIn("reserving");
  const after = recordedIn(before, ["refused", "pending"], "archived");
  expect(decide(record(0, "refused", "archived"), before, early)).toEqual(
    accepted(after, fact(passed(after.data, "rejected", early))),
  );
});

test("given the word about a line, when another comes, then the first stands", () => {
  const before = reservationIn("reserving", ["reserved", "pending"]);
  for (const outcome of ["reserved", "refused"] as const)
    expect(decide(record(0, outcome), before, early)).toEqual(accepted());
});

test.each(reservationStates.filter((state) => state !== "reserving"))(
  "given it is %s, when the word about a line comes, then nothing happens",
  (state) => {
    for (const outcome of ["reserved", "refused"] as const)
      expect(decide(record(0, outcome), reservationIn(state), early)).toEqual(accepted());
  },
);

test.each(reservationStates)("given it is %s, when the word is about no line of it, then it is refused", (state) => {
  expect(decide(record(2, "reserved"), reservationIn(state), early)).toEqual(
    refused("unknown-line", { line: 2, lines: 2 }),
  );
});

test("given the deadline has passed, when the last word comes before the sweeper, then it is reserved, and cannot be confirmed", () => {
  const decision = decide(record(0, "reserved"), reservationIn("reserving", ["pending", "reserved"]), expiresAt);
  expect(decision).toMatchObject({ events: [{}, { type: "reservation.reserved" }] });
  const after = decision.outcome === "accepted" ? decision.events.reduce(evolve, reservationIn("placed")) : undefined;
  expect(decide(confirm, after, expiresAt)).toMatchObject({ reason: "deadline-passed" });
});

test("given it is reserved, when confirmed a millisecond before the deadline, then it is confirmed", () => {
  const before = reservationIn("reserved");
  expect(decide(confirm, before, early)).toEqual(accepted(fact(passed(before, "confirmed", early))));
});

test.each(open)("given it is %s, when confirmed at the deadline, then that was too late", (state) => {
  expect(decide(confirm, reservationIn(state), expiresAt)).toEqual(refused("deadline-passed", { state, expiresAt }));
});

test.each(["placed", "reserving"] as const)("given it is %s, when confirmed, then it is not reserved yet", (state) => {
  expect(decide(confirm, reservationIn(state), early)).toEqual(refused("not-reserved", { state }));
});

test.each(open)("given it is %s, when cancelled, then it is, after the deadline, too", (state) => {
  for (const now of bothTimes) {
    const before = reservationIn(state);
    expect(decide(cancel, before, now)).toEqual(accepted(fact(passed(before, "cancelled", now))));
  }
});

test.each(open)("given it is %s, when it is to expire, then it does from its deadline on, and not before", (state) => {
  const before = reservationIn(state);
  expect(decide(expire, before, early)).toEqual(accepted());
  expect(decide(expire, before, expiresAt)).toEqual(accepted(fact(passed(before, "expired", expiresAt))));
});

test.each(ended)("given it is %s, when confirmed, cancelled or to expire, then it stays so", (state) => {
  for (const now of bothTimes) {
    const before = reservationIn(state);
    expect(decide(confirm, before, now)).toEqual(state === "confirmed" ? accepted() : refused("ended", { state }));
    expect(decide(cancel, before, now)).toEqual(state === "cancelled" ? accepted() : refused("ended", { state }));
    expect(decide(expire, before, now)).toEqual(accepted());
  }
});

test("given nothing, when anything but its beginning is asked, then there is no such reservation", () => {
  for (const command of [record(0, "reserved"), confirm, cancel, expire])
    expect(decide(command, undefined, early)).toEqual(refused("not-found"));
});

const followUpsOf = (state: ReservationState, outcomes: readonly Outcome[]) =>
  followUps({ type: `reservation.${state}`, data: reservationIn(state, outcomes) });
const teaLine = { id: tea, reservationId: id, line: 0 };
const cupLine = { id: cup, reservationId: id, line: 1 };

test("a reservation that goes asks each product for its line, and a confirmed one takes each for good", () => {
  expect(followUpsOf("reserving", ["pending", "pending"])).toEqual([
    { type: "product.reserve-stock", ...teaLine, quantity: 3 },
    { type: "product.reserve-stock", ...cupLine, quantity: 1 },
  ]);
  expect(followUpsOf("confirmed", ["reserved", "reserved"])).toEqual([
    { type: "product.commit-stock", ...teaLine },
    { type: "product.commit-stock", ...cupLine },
  ]);
});

test.each(["rejected", "cancelled", "expired"] as const)(
  "a reservation that is %s releases every line that is not known to be refused",
  (state) => {
    for (const unknown of ["pending", "reserved"] as const)
      expect(followUpsOf(state, ["refused", unknown])).toEqual([{ type: "product.release-stock", ...cupLine }]);
    expect(followUpsOf(state, ["pending", "reserved"])).toHaveLength(2);
  },
);

test("nothing follows from being placed or reserved, nor from the word about a line", () => {
  for (const state of ["placed", "reserved"] as const) expect(followUpsOf(state, ["reserved", "reserved"])).toEqual([]);
  expect(followUps({ type: "reservation.line-recorded", data: reservationIn("reserving") })).toEqual([]);
});
