import fc from "fast-check";
import { expect, test } from "vitest";
import { idList, spansWithout } from "./id-spans.ts";

test("every id but those in flight is looked for, whatever is in flight", () => {
  const ids = fc.uniqueArray(fc.integer({ min: 1, max: 40 }));
  const run = fc
    .tuple(fc.integer({ min: 1, max: 20 }), fc.nat(20))
    .map(([from, more]) => Array.from({ length: more + 1 }, (_, at) => from + at));
  fc.assert(
    fc.property(fc.oneof(ids, run), (inFlight) => {
      const { from, to, among } = spansWithout(inFlight.toReversed());
      const looked = Array.from({ length: 60 }, (_, at) => at + 1).filter(
        (id) => from.some((start, at) => start <= id && id <= (to[at] as number)) && !among.includes(id),
      );
      expect(looked).toEqual(Array.from({ length: 60 }, (_, at) => at + 1).filter((id) => !inFlight.includes(id)));
      expect(from.length).toBe(to.length);
      expect([...from]).toEqual(from.toSorted((a, b) => a - b));
    }),
  );
});

test("a run without a gap is passed over whole, one with a gap is not", () => {
  expect(spansWithout([5, 7, 6])).toEqual({ from: [0, 8], to: [4, Number.MAX_SAFE_INTEGER], among: [] });
  expect(spansWithout([5, 7])).toEqual({ from: [0], to: [Number.MAX_SAFE_INTEGER], among: [5, 7] });
  expect(idList([1, 22])).toBe("{1,22}");
  expect(idList([])).toBe("{}");
});
