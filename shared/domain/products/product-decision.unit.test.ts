import fc from "fast-check";
import { expect, test } from "vitest";
import { newProductSchema, type Product, type ProductFields, productPatchSchema, productSchema } from "./product.ts";
import { decide, evolve, type ProductCommand } from "./product-decision.ts";

const id = "01890a5d-ac96-774b-bcce-b302099a8057";
const now = "2026-01-02T03:04:05.678Z";
const later = "2026-01-02T03:04:06.000Z";

const fields: ProductFields = {
  sku: "TEA-1",
  title: "Green tea",
  description: "Loose leaves",
  category: "tea",
  price: { amount: 499, currency: "EUR" },
  stock: 12,
  attributes: { organic: true, grams: 100 },
  status: "active",
};
const product: Product = { ...fields, reserved: 0, committed: 0, id, version: 4, createdAt: now, updatedAt: now };
const change = (patch: unknown, expectedVersions?: readonly number[]): ProductCommand => ({
  type: "product.change",
  id,
  patch: productPatchSchema.parse(patch),
  expectedVersions,
});

const text = (maxLength: number) =>
  fc.string({ unit: "grapheme", minLength: 1, maxLength }).filter((s) => s.trim() !== "");
const attributes = fc.dictionary(
  fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 8 }).filter((name) => name !== "__proto__"),
  fc.oneof(fc.string({ unit: "grapheme", maxLength: 20 }), fc.integer(), fc.boolean()),
  { maxKeys: 5 },
);
const anyFields = fc.record({
  sku: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
  title: text(10),
  description: fc.string({ unit: "grapheme", maxLength: 20 }),
  category: text(5),
  price: fc.record({ amount: fc.nat(), currency: fc.constantFrom("EUR", "USD", "JPY") }),
  stock: fc.nat(1000),
  attributes,
  status: fc.constantFrom("draft" as const, "active" as const),
});
const anyPatch = fc.record(
  {
    title: text(10),
    price: fc.record({ amount: fc.nat(), currency: fc.constantFrom("EUR", "USD") }, { requiredKeys: [] }),
    description: fc.option(fc.string({ maxLength: 5 })),
    attributes: fc.option(
      fc.dictionary(fc.constantFrom("a", "b", "c"), fc.option(fc.oneof(fc.integer(), fc.boolean()))),
    ),
    stock: fc.nat(1000),
  },
  { requiredKeys: [] },
);
const anyCommand = fc.oneof(
  { weight: 8, arbitrary: anyPatch.map((patch) => change(patch)) },
  { weight: 1, arbitrary: fc.constant<ProductCommand>({ type: "product.archive", id }) },
);

test("given no product, when it is created, then it has version 1 and what was asked for", () => {
  expect(decide({ type: "product.create", id, fields }, undefined, now)).toEqual({
    outcome: "accepted",
    events: [
      {
        type: "product.created",
        data: { ...fields, reserved: 0, committed: 0, id, version: 1, createdAt: now, updatedAt: now },
      },
    ],
  });
});

test("given a product, when its id is created again, then it is refused", () => {
  expect(decide({ type: "product.create", id, fields }, product, now)).toMatchObject({ reason: "already-exists" });
});

test("given a product, when one field is changed, then the event has the full state and the next version", () => {
  expect(decide(change({ price: { amount: 550 } }), product, later)).toEqual({
    outcome: "accepted",
    events: [
      {
        type: "product.updated",
        data: { ...product, price: { amount: 550, currency: "EUR" }, version: 5, updatedAt: later },
      },
    ],
  });
});

test("given attributes, when one is null in the patch, then that one is gone", () => {
  const decision = decide(change({ attributes: { organic: null, origin: "Japan" } }), product, later);
  expect(decision).toMatchObject({ events: [{ data: { attributes: { grams: 100, origin: "Japan" } } }] });
  expect(JSON.stringify(decision)).not.toContain("organic");
});

test.each([
  ["description", ""],
  ["attributes", {}],
] as const)("given a product, when its %s is null in the patch, then it is empty", (name, empty) => {
  expect(decide(change({ [name]: null }), product, later)).toMatchObject({ events: [{ data: { [name]: empty } }] });
});

test.each(["sku", "title", "category", "price", "stock", "status"])("a patch with null for %s is no patch", (name) => {
  expect(productPatchSchema.safeParse({ [name]: null }).success).toBe(false);
});

test.each([
  ["an empty patch", {}],
  ["the same values", { title: "Green tea", attributes: { grams: 100, organic: true } }],
  ["the removal of what is not there", { attributes: { colour: null } }],
])("given a product, when patched by %s, then nothing happens", (_, patch) => {
  expect(decide(change(patch), product, later)).toEqual({ outcome: "accepted", events: [] });
});

test("given 50 attributes, when another is added, then the change is refused with the rule that it breaks", () => {
  const full = { ...product, attributes: Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`a${n}`, n])) };
  expect(decide(change({ attributes: { more: 1 } }), full, later)).toEqual({
    outcome: "refused",
    reason: "invalid-change",
    detail: { rules: [{ path: ["attributes"], message: "must have at most 50 entries" }] },
  });
  expect(decide(change({ attributes: { more: 1, a7: null } }), full, later)).toMatchObject({ outcome: "accepted" });
});

test.each([
  ["changed", change({ stock: 1 })],
  ["archived", { type: "product.archive", id } as const],
])("given no product or an archived one, when it is %s, then it is refused", (_, command) => {
  expect(decide(command, undefined, now)).toMatchObject({ reason: "not-found" });
  expect(decide(command, { ...product, status: "archived" }, now)).toMatchObject({ reason: "archived" });
});

test("given version 4, when other versions are expected, then the refusal names it; 4 among them is enough", () => {
  expect(decide(change({ stock: 1 }, [3, 5]), product, now)).toEqual({
    outcome: "refused",
    reason: "version-mismatch",
    detail: { expected: [3, 5], actual: 4 },
  });
  expect(decide(change({ stock: 1 }, []), product, now)).toMatchObject({ reason: "version-mismatch" });
  expect(decide(change({ stock: 1 }, [3, 4]), product, now)).toMatchObject({ outcome: "accepted" });
});

test("given a product, when archived, then its last state is kept", () => {
  expect(decide({ type: "product.archive", id, expectedVersions: [4] }, product, later)).toEqual({
    outcome: "accepted",
    events: [{ type: "product.archived", data: { ...product, status: "archived", version: 5, updatedAt: later } }],
  });
});

test("whatever is asked, versions count up by one with each event, every state is valid, and nothing follows an archiving", () => {
  fc.assert(
    fc.property(anyFields, fc.array(anyCommand, { maxLength: 20 }), (start, commands) => {
      let state: Product | undefined;
      let facts = 0;
      const create: ProductCommand = { type: "product.create", id, fields: newProductSchema.parse(start) };
      for (const command of [create, ...commands]) {
        const decision = decide(command, state, now);
        if (decision.outcome === "refused") {
          expect(state?.status).toBe("archived");
          continue;
        }
        for (const event of decision.events) {
          state = evolve(state, event);
          facts += 1;
          expect(state.version).toBe(facts);
          expect(productSchema.parse(state)).toEqual(state);
        }
      }
    }),
  );
});

test("the same change twice has an effect once", () => {
  fc.assert(
    fc.property(anyPatch, (patch) => {
      const first = decide(change(patch), product, now);
      const state = first.outcome === "accepted" ? first.events.reduce(evolve, product) : product;

      expect(decide(change(patch), state, later)).toEqual({ outcome: "accepted", events: [] });
    }),
  );
});

test.each(["a\0b", "\ud800"])("text that PostgreSQL cannot hold is refused: %j", (bad) => {
  for (const more of [
    { title: bad },
    { description: bad },
    { category: bad },
    { attributes: { [bad]: 1 } },
    { attributes: { a: bad } },
  ])
    expect(newProductSchema.safeParse({ ...fields, ...more }).success).toBe(false);
});
