import fc from "fast-check";
import { expect, test } from "vitest";
import { buckets, createTally, parseSeries } from "./tally.ts";

const seriesOf = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).map(([key, value]) => ({ ...parseSeries(key), value }));

test("what is counted adds up, and zeros are there too", () => {
  const tally = createTally();

  tally.count("Sent", 2);
  tally.count("Parked", 0);
  tally.count("Sent", 3);

  expect(seriesOf(tally.counts())).toEqual([
    { name: "Sent", labels: {}, le: undefined, value: 5 },
    { name: "Parked", labels: {}, le: undefined, value: 0 },
  ]);
});

test("a measure falls into the first bucket that holds it, its end included, and into the sum", () => {
  const labels = { route: '/things/{id}"\\', status: "200" };
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true })), (measures) => {
      const tally = createTally();
      for (const measure of measures) tally.observe("Request", measure, labels);

      const series = seriesOf(tally.counts());
      const inBuckets = series.filter(({ le }) => le !== "sum");
      expect(inBuckets.reduce((sum, { value }) => sum + value, 0)).toBe(measures.length);
      for (const { le, value, labels: found } of inBuckets) {
        const end = le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le);
        const before = [0, ...buckets].filter((each) => each < end).at(-1) ?? 0;
        const fit = measures.filter((each) => each <= end && (each > before || (before === 0 && each === 0)));
        expect({ value, found }).toEqual({ value: fit.length, found: labels });
      }
      const sum = series.find(({ le }) => le === "sum")?.value ?? 0;
      expect(sum).toBeCloseTo(
        measures.reduce((all, each) => all + each, 0),
        6,
      );
    }),
  );
});
