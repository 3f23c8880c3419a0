import fc from "fast-check";
import { type Broker, createBroker, type Fate } from "./saga-broker.ts";
import { adjust, archive, place, settle, sweep } from "./saga-clients.ts";
import { createWorld, type Rules, type World } from "./saga-world.ts";

/** One thing that happens: a transaction of somebody, or a move of a record. */
type Step = (world: World, broker: Broker) => void;

/** A story, its steps as they are to come, and in which order what is left over at its end is taken up. */
export type Story = {
  readonly stocks: readonly number[];
  readonly steps: readonly { readonly name: string; readonly step: Step }[];
  /** Whether the dead letters are replayed while reservations are open still; else after everything has ended. */
  readonly redriveFirst: boolean;
  readonly redriveOrder: readonly number[];
};

/** No reservation has more time than this. */
const longestSeconds = 150;

const at = fc.nat(1_000);
const named = <T>(
  weight: number,
  arbitrary: fc.Arbitrary<T>,
  name: (value: T) => string,
  step: (value: T) => Step,
) => ({
  weight,
  arbitrary: arbitrary.map((value) => ({ name: name(value), step: step(value), toString: () => name(value) })),
});

const idAt = (ids: Iterable<string>, index: number): string | undefined => {
  const all = [...ids];
  return all[index % Math.max(1, all.length)];
};

const fates = fc.oneof(
  { weight: 14, arbitrary: fc.constant<Fate>("done") },
  { weight: 2, arbitrary: fc.constantFrom<Fate>("crashed-after", "crashed-before") },
  { weight: 2, arbitrary: fc.constant<Fate>("dead-lettered") },
);

const productIds = fc.oneof(
  { weight: 15, arbitrary: fc.constantFrom("p0", "p1", "p2") },
  { weight: 1, arbitrary: fc.constant("p9") },
);

/** Lines of different products, as the schema of a reservation has it. `p9` is a product that there is not. */
const linesOf = fc
  .uniqueArray(productIds, { minLength: 1, maxLength: 3 })
  .chain((ids) =>
    fc.tuple(
      ...ids.map((productId) =>
        fc.record({ productId: fc.constant(productId), quantity: fc.integer({ min: 1, max: 3 }) }),
      ),
    ),
  );

const steps = fc.oneof(
  named(
    30,
    fc.tuple(at, fc.nat(9)),
    ([row, ack]) => `relay ${row}${ack === 0 ? " and die" : ""}`,
    ([row, ack]) =>
      (_, broker) =>
        broker.relay(row, ack !== 0),
  ),
  named(
    34,
    fc.tuple(at, fates),
    ([queue, fate]) => `consume ${queue} ${fate}`,
    ([queue, fate]) =>
      (_, broker) =>
        broker.consume(queue, fate),
  ),
  named(
    3,
    fc.tuple(at, fc.integer({ min: 1, max: 4 })),
    ([queue, back]) => `redeliver ${queue} ${back}`,
    ([queue, back]) =>
      (_, broker) =>
        broker.redeliver(queue, back),
  ),
  // Without it few reservations would come as far as to be confirmed.
  named(
    5,
    fc.constant("a quiet while"),
    (name) => name,
    () => (_, broker) => broker.drain(),
  ),
  named(
    1,
    at,
    (letter) => `redrive ${letter}`,
    (letter) => (_, broker) => broker.redrive(letter),
  ),
  named(
    5,
    fc.record({ lines: linesOf, seconds: fc.integer({ min: 1, max: longestSeconds }), topicOnly: fc.boolean() }),
    (wish) => `place ${JSON.stringify(wish)}`,
    (wish) => (world) => place(world, wish),
  ),
  named(
    9,
    fc.tuple(at, fc.constantFrom("confirm" as const, "confirm" as const, "confirm" as const, "cancel" as const)),
    ([index, verb]) => `${verb} ${index}`,
    ([index, verb]) =>
      (world) => {
        const id = idAt(world.reservations.keys(), index);
        if (id !== undefined) settle(world, verb, id);
      },
  ),
  named(
    3,
    fc.tuple(
      at,
      fc.integer({ min: -5, max: 5 }).filter((delta) => delta !== 0),
    ),
    ([index, delta]) => `adjust ${index} ${delta}`,
    ([index, delta]) =>
      (world) =>
        adjust(world, idAt(world.products.keys(), index) as string, delta),
  ),
  named(
    1,
    at,
    (index) => `archive ${index}`,
    (index) => (world) => archive(world, idAt(world.products.keys(), index) as string),
  ),
  named(
    6,
    fc.integer({ min: -20, max: 60 }),
    (ahead) => `sweep ${ahead}`,
    (ahead) => (world) => sweep(world, ahead),
  ),
  named(
    4,
    fc.integer({ min: 1, max: 30 }),
    (seconds) => `tick ${seconds}`,
    (seconds) => (world) => world.tick(seconds),
  ),
);

export const stories: fc.Arbitrary<Story> = fc.record({
  stocks: fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)),
  steps: fc.array(steps, { maxLength: 160, size: "max" }),
  redriveFirst: fc.boolean(),
  redriveOrder: fc.array(at, { minLength: 1, maxLength: 8 }),
});

const redriveAll = (broker: Broker, order: readonly number[]): void => {
  for (let turn = 0; broker.deadLetters.length > 0; turn++) {
    broker.redrive(order[turn % order.length] as number);
    if (turn % 2 === 0) broker.drain();
  }
  broker.drain();
};

const expireAll = (world: World, broker: Broker): void => {
  world.tick(longestSeconds);
  sweep(world, 0);
  broker.drain();
};

/** Answers what is wrong, in a line each. */
export type Check = (world: World, broker: Broker) => readonly string[];
export type Checks = { readonly [When in "always" | "atRest" | "atTheEnd"]: Check };

/**
 * Plays a story and then lets everything come to its end: records are delivered, dead letters replayed, open reservations expire.
 * @param checks `always`: after each step; `atRest`: when no record and no dead letter is left, while reservations may still wait
 *   for their confirmation; `atTheEnd`: when none does
 * @throws Error with what is wrong, as soon as something is
 */
export const play = (rules: Rules, story: Story, checks: Checks): World => {
  const world = createWorld(rules, story.stocks);
  const broker = createBroker(world, rules);
  const hold = (check: Check): void => {
    const wrong = check(world, broker);
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
  };
  for (const { step } of story.steps) {
    step(world, broker);
    hold(checks.always);
  }
  broker.drain();
  if (!story.redriveFirst) expireAll(world, broker);
  redriveAll(broker, story.redriveOrder);
  hold(checks.atRest);
  expireAll(world, broker);
  for (const check of [checks.always, checks.atRest, checks.atTheEnd]) hold(check);
  return world;
};
