import fc from "fast-check";
import { expect, test } from "vitest";
import { accept } from "../decision.ts";
import { decideStock } from "../products/stock-decision.ts";
import { decide, followUps } from "./reservation-decision.ts";
import { laws } from "./testing/saga-laws.ts";
import { play, stories } from "./testing/saga-steps.ts";
import type { Rules } from "./testing/saga-world.ts";

const rules: Rules = { decide, followUps, decideStock, inbox: () => true, ordered: () => true };

const saga = (tried: Rules) => fc.property(stories, (story) => void play(tried, story, laws));

const adjusting: Rules["inbox"] = (type) => type === "product.adjust-stock";

test.each<[string, Rules]>([
  ["with an inbox", rules],
  ["with an inbox for adjustments alone: all else is idempotent by itself", { ...rules, inbox: adjusting }],
  ["with the commands of a key in any order", { ...rules, ordered: (topic) => topic === "events" }],
])(
  "the saga conserves stock and ends each reservation once, %s",
  (_, tried) => {
    fc.assert(saga(tried), { numRuns: 1_000 });
  },
  60_000,
);

const confirmLate: Rules["decide"] = (command, reservation, now) => {
  if (command.type !== "reservation.confirm" || reservation === undefined) return decide(command, reservation, now);
  const { expiresAt } = reservation;
  const decision = decide(command, { ...reservation, expiresAt: "9999-01-01T00:00:00.000Z" }, now);
  return decision.outcome === "refused"
    ? decision
    : accept(...decision.events.map((fact) => ({ ...fact, data: { ...fact.data, expiresAt } })));
};

/** That the test above can fail: each of these rules is broken, and is found by the law that it breaks. */
const broken: readonly (readonly [string, Partial<Rules>, RegExp])[] = [
  [
    "a release of an unseen line leaves no tombstone",
    {
      decideStock: (command, product, hold, now) =>
        command.type === "product.release-stock" && hold === undefined
          ? accept()
          : decideStock(command, product, hold, now),
    },
    /reserved, but not by open reservations/,
  ],
  [
    "an end releases only the lines that are known to be reserved",
    {
      followUps: (fact) =>
        followUps(fact).filter(
          (order) => order.type !== "product.release-stock" || fact.data.lines[order.line]?.outcome === "reserved",
        ),
    },
    /reserved, but not by open reservations/,
  ],
  [
    "nobody releases anything",
    { followUps: (fact) => followUps(fact).filter(({ type }) => type !== "product.release-stock") },
    /reserved, but not by open reservations/,
  ],
  [
    "an adjustment that is repeated takes effect again",
    { inbox: (type) => !adjusting(type) },
    /units were made or lost/,
  ],
  ["the order within a key is lost", { ordered: () => false }, /out of order/],
  ["a confirm after the deadline is let through", { decide: confirmLate }, /confirmed after the deadline/],
];

test.each(broken)(
  "the saga is seen to break when %s",
  (_, change, law) => {
    const { errorInstance } = fc.check(saga({ ...rules, ...change }), { numRuns: 3_000, endOnFailure: true });

    expect(String(errorInstance)).toMatch(law);
  },
  60_000,
);

test("the stories reach every end of a reservation and of a line, and dead-letter every command", () => {
  const reached = new Set<string>();
  const none = () => [];
  const note = (story: Parameters<typeof play>[1]): void => {
    const world = play(rules, story, {
      ...{ atRest: none, atTheEnd: none },
      always: (_, { deadLetters }) => {
        for (const letter of deadLetters) if (letter.topic === "commands") reached.add(`dead ${letter.command.type}`);
        return [];
      },
    });
    for (const { state } of world.reservations.values()) reached.add(state);
    for (const { state, quantity } of world.holds.values()) reached.add(quantity === 0 ? `${state} none` : state);
  };
  // The rarest, a dead-lettered expire, is in about one story of forty, so that 2,000 do not miss it.
  fc.assert(fc.property(stories, note), { numRuns: 2_000 });

  expect([...reached].sort()).toEqual([
    ...["cancelled", "committed", "confirmed"],
    ...["adjust-stock", "commit-stock", "release-stock", "reserve-stock"].map((verb) => `dead product.${verb}`),
    ...["expire", "place", "record-line"].map((verb) => `dead reservation.${verb}`),
    ...["expired", "refused none", "rejected", "released", "released none"],
  ]);
}, 60_000);
