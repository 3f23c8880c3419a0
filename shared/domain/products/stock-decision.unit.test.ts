import fc from "fast-check";
import { expect, test } from "vitest";
import { type Product, productSchema } from "./product.ts";
import { decide } from "./product-decision.ts";
import { decideStock, type StockCommand, type StockDecision, type StockHold } from "./stock-decision.ts";
import { maxUnits, unitsOf } from "./units.ts";

const id = "01890a5d-ac96-774b-bcce-b302099a8057";
const otherId = "01890a5d-ac96-774b-bcce-b302099a8058";
const reservationId = "01890a5d-ac96-774b-bcce-b302099a8059";
const now = "2026-01-02T03:04:05.678Z";
const later = "2026-01-02T03:04:06.000Z";

/** 12 free units, 5 reserved ones of which 3 are the hold's, 7 committed. */
const product: Product = {
  ...{ id, sku: "TEA-1", title: "Green tea", description: "", category: "tea", attributes: {}, status: "active" },
  ...{ price: { amount: 499, currency: "EUR" }, stock: 12, reserved: 5, committed: 7 },
  ...{ version: 4, createdAt: now, updatedAt: now },
};
const archived: Product = { ...product, status: "archived" };
const changed = (units: Partial<Product>, before = product): Product => ({
  ...before,
  ...units,
  version: before.version + 1,
  updatedAt: later,
});
const nothing: StockDecision = { outcome: "accepted", events: [] };
const told = (type: string, data: Product, hold?: StockHold) => ({
  ...{ outcome: "accepted", events: [{ type, data }] },
  ...(hold && { hold }),
});
const refused = (reason: string, detail: object = {}, hold?: StockHold) => ({
  ...{ outcome: "refused", reason, detail },
  ...(hold && { hold }),
});

const line = { id, reservationId, line: 2 };
const reserve = (quantity: number): StockCommand => ({ type: "product.reserve-stock", ...line, quantity });
const release: StockCommand = { type: "product.release-stock", ...line };
const commit: StockCommand = { type: "product.commit-stock", ...line };
const adjust = (delta: number, expectedVersion?: number): StockCommand => ({
  type: "product.adjust-stock",
  ...{ id, delta, expectedVersion },
});
const holdOf = (state: StockHold["state"], more: Partial<StockHold> = {}): StockHold => ({
  ...{ reservationId, line: 2, productId: id, quantity: 3, state },
  ...more,
});
const tombstone = holdOf("released", { quantity: 0 });
const turnedDown = holdOf("refused", { quantity: 0, reason: "insufficient-stock" });

/** Each cell: what became of the line so far, the command, what follows. */
const cells: readonly (readonly [string, StockHold | undefined, string, StockCommand, unknown])[] = [
  [
    ...["no hold", undefined, "reserve", reserve(12)],
    told("product.stock-reserved", changed({ stock: 0, reserved: 17 }), holdOf("reserved", { quantity: 12 })),
  ] as const,
  [
    "no hold",
    undefined,
    "reserve too many",
    reserve(13),
    refused("insufficient-stock", { asked: 13, available: 12 }, turnedDown),
  ],
  ["no hold", undefined, "release", release, { ...nothing, hold: tombstone }],
  ["no hold", undefined, "commit", commit, refused("not-reserved")],
  ["reserved", holdOf("reserved"), "reserve", reserve(3), nothing],
  ["reserved", holdOf("reserved"), "reserve others", reserve(4), nothing],
  [
    ...["reserved", holdOf("reserved"), "release", release],
    told("product.stock-released", changed({ stock: 15, reserved: 2 }), holdOf("released")),
  ] as const,
  [
    ...["reserved", holdOf("reserved"), "commit", commit],
    told("product.stock-committed", changed({ committed: 10, reserved: 2 }), holdOf("committed")),
  ] as const,
  ["refused", turnedDown, "reserve", reserve(3), refused("insufficient-stock", { repeated: true })],
  ["refused", turnedDown, "release", release, { ...nothing, hold: tombstone }],
  ["refused", turnedDown, "commit", commit, refused("not-reserved", { state: "refused" })],
  ["released", tombstone, "reserve", reserve(3), refused("already-released")],
  ["released", holdOf("released"), "reserve", reserve(3), refused("already-released")],
  ["released", tombstone, "release", release, nothing],
  ["released", tombstone, "commit", commit, refused("not-reserved", { state: "released" })],
  ["committed", holdOf("committed"), "reserve", reserve(3), nothing],
  ["committed", holdOf("committed"), "release", release, refused("already-committed")],
  ["committed", holdOf("committed"), "commit", commit, nothing],
];

test.each(cells)("given a line with %s (%o), when asked to %s, then …", (_, hold, __, command, expected) => {
  expect(decideStock(command, product, hold, later)).toEqual(expected);
});

test.each([
  ["no product", undefined, "not-found"],
  ["an archived product", archived, "archived"],
] as const)("given %s, when a line is reserved, then it is refused for good", (_, before, reason) => {
  const hold = holdOf("refused", { quantity: 0, reason });
  expect(decideStock(reserve(1), before, undefined, later)).toEqual(refused(reason, {}, hold));
  expect(decideStock(reserve(1), product, hold, later)).toEqual(refused(reason, { repeated: true }));
});

test("given a draft, when a line is reserved, then it is held", () => {
  const draft: Product = { ...product, status: "draft" };
  expect(decideStock(reserve(1), draft, undefined, later)).toMatchObject({ hold: { state: "reserved" } });
});

test("given no product, when a line is released, then it leaves its tombstone, and no commit finds anything", () => {
  expect(decideStock(release, undefined, undefined, later)).toEqual({ ...nothing, hold: tombstone });
  expect(decideStock(commit, undefined, undefined, later)).toEqual(refused("not-reserved"));
  for (const command of [release, commit])
    expect(decideStock(command, undefined, holdOf("reserved"), later)).toEqual(refused("not-found"));
});

test("given an archived product, when a held line is released or committed, then its units move and it stays archived", () => {
  const hold = holdOf("reserved");
  expect(decideStock(release, archived, hold, later)).toEqual(
    told("product.stock-released", changed({ stock: 15, reserved: 2 }, archived), holdOf("released")),
  );
  expect(decideStock(commit, archived, hold, later)).toEqual(
    told("product.stock-committed", changed({ committed: 10, reserved: 2 }, archived), holdOf("committed")),
  );
});

test.each(["reserved", "refused", "released", "committed"] as const)(
  "given a line that is %s at another product, whatever is asked is refused and changes nothing",
  (state) => {
    const hold = holdOf(state, { productId: otherId });
    for (const command of [reserve(1), release, commit])
      expect(decideStock(command, product, hold, later)).toEqual(refused("not-reserved", { heldProductId: otherId }));
  },
);

test("given 12 free units, when stock is adjusted, then it changes by as much, down to none", () => {
  for (const [delta, stock] of [
    [5, 17],
    [-12, 0],
  ] as const)
    expect(decideStock(adjust(delta, 4), product, undefined, later)).toEqual(
      told("product.stock-adjusted", changed({ stock })),
    );
});

test.each([
  ["below none", adjust(-13), product, refused("insufficient-stock", { asked: 13, available: 12 })],
  ["no product", adjust(1), undefined, refused("not-found")],
  ["an archived product", adjust(1), archived, refused("archived")],
  ["another version", adjust(1, 3), product, refused("version-mismatch", { expected: [3], actual: 4 })],
  [
    "too many",
    adjust(maxUnits - 23),
    product,
    refused("too-much-stock", { asked: maxUnits - 23, available: maxUnits - 24 }),
  ],
] as const)("when stock is adjusted to %s, then it is refused", (_, command, before, expected) => {
  expect(decideStock(command, before, undefined, later)).toEqual(expected);
});

test("given all the units that a product may have, when stock is set higher, then the change is refused", () => {
  const full = { ...product, stock: maxUnits - 12 };
  expect(decide({ type: "product.change", id, patch: { stock: maxUnits - 11 } }, full, later)).toMatchObject({
    reason: "invalid-change",
    detail: { rules: [{ path: ["stock"] }] },
  });
  expect(decide({ type: "product.change", id, patch: { title: "Tea" } }, full, later).outcome).toBe("accepted");
});

const anyCommand: fc.Arbitrary<StockCommand> = fc.oneof(
  fc.integer({ min: -maxUnits, max: maxUnits }).map((delta) => adjust(delta)),
  fc
    .record({
      ...{ id: fc.constant(id), reservationId: fc.constant(reservationId), line: fc.nat(5) },
      ...{ quantity: fc.integer({ min: 1, max: maxUnits }) },
    })
    .chain((of) =>
      fc.constantFrom<StockCommand>(
        { type: "product.reserve-stock", ...of },
        { type: "product.release-stock", ...of },
        { type: "product.commit-stock", ...of },
      ),
    ),
);

test("whatever is asked, every state is valid, only adjusting changes how many units there are, and once more changes nothing", () => {
  fc.assert(
    fc.property(fc.array(anyCommand, { maxLength: 40 }), (commands) => {
      let state: Product = { ...product, reserved: 0, committed: 0 };
      const holds = new Map<number, StockHold>();
      for (const command of commands) {
        const at = "line" in command ? command.line : -1;
        const decision = decideStock(command, state, holds.get(at), later);
        const before = state;
        for (const { data } of decision.outcome === "accepted" ? decision.events : []) {
          expect(data.version).toBe(before.version + 1);
          state = productSchema.parse(data);
        }
        if (decision.hold) holds.set(at, decision.hold);
        const held = [...holds.values()].filter(({ state }) => state === "reserved");
        expect(state.reserved).toBe(held.reduce((sum, { quantity }) => sum + quantity, 0));
        if (command.type === "product.adjust-stock") continue;
        expect(unitsOf(state)).toBe(unitsOf(before));
        expect(decideStock(command, state, holds.get(at), later)).not.toMatchObject({ hold: expect.anything() });
      }
    }),
  );
});
