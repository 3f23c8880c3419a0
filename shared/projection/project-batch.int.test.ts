import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { InboundRecord } from "../messaging/record.ts";
import { keepingPublisher, reasonOf } from "../testing/keeping-publisher.ts";
import { createThings, projectorOnto, recordOf, type Things, thing } from "./testing/things.ts";

let things: Things;
beforeAll(async () => {
  things = await createThings();
});
afterAll(() => things?.[Symbol.asyncDispose]());

const garbage = (fields: Partial<InboundRecord> = {}): InboundRecord =>
  recordOf(thing(), { value: new TextEncoder().encode("not json"), ...fields });

test("every record of a batch has one end, and is counted under it", async () => {
  // given
  const publisher = keepingPublisher();
  const [one, other] = [thing(), thing()];
  const project = projectorOnto(things, { publisher });

  // when
  const report = await project([
    recordOf(one),
    recordOf({ ...one, version: 2 }),
    recordOf(other),
    recordOf(other),
    recordOf(thing(), {}, "thing.weighed"),
    recordOf(thing(), {}, "thing.melted"),
    garbage(),
  ]);

  // then
  expect(report).toEqual({ records: 7, applied: 2, duplicate: 2, ignored: 1, deadLettered: 2, givenBack: [] });
  expect(publisher.kept.map(reasonOf)).toEqual(["unknown-type", "not-json"]);
  expect(await things.held(one.id, other.id)).toEqual([
    { row: [2, "1"], document: [2, "1"] },
    { row: [1, "1"], document: [1, "1"] },
  ]);
});

test("whatever a batch is made of, every record has one end, and what is not applied is a dead letter, a duplicate or ignored", async () => {
  const kinds = ["new", "again", "older", "ignored", "garbage", "refused"] as const;
  const known = thing({ version: 5 });
  await projectorOnto(things)([recordOf(known)]);
  const make = {
    new: () => recordOf(thing()),
    again: () => recordOf(known),
    older: () => recordOf({ ...known, version: 4 }),
    ignored: () => recordOf(thing(), {}, "thing.weighed"),
    garbage: () => garbage(),
    refused: () => recordOf(thing({ size: "large" })),
  };

  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...kinds), { maxLength: 40 }), async (batch) => {
      // given
      const publisher = keepingPublisher();
      const of = (...wanted: (typeof kinds)[number][]) => batch.filter((kind) => wanted.includes(kind)).length;
      const records = batch.map((kind) => make[kind]());

      // when
      const report = await projectorOnto(things, { publisher })(records);

      // then
      expect(report).toEqual({
        records: batch.length,
        applied: of("new"),
        duplicate: of("again", "older"),
        ignored: of("ignored"),
        deadLettered: of("garbage", "refused"),
        givenBack: [],
      });
      expect(publisher.kept).toHaveLength(report.deadLettered);
      const rows = await things.rows();
      const isNew = (_: unknown, index: number) => batch[index] === "new";
      const missing = records.filter(isNew).filter(({ key }) => rows[Buffer.from(key ?? []).toString()] === undefined);
      expect(missing).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

describe("a document that one read model refuses", () => {
  test.each([
    { by: "the index", size: "large", row: [2, "large"], document: [1, "1"] },
    { by: "the table", size: 1_000_000, row: [1, "1"], document: [2, "1000000"] },
  ])("($by) is dead-lettered with the reason, and its neighbours are applied", async ({ size, row, document }) => {
    // given
    const publisher = keepingPublisher();
    const bad = thing();
    const neighbours = Array.from({ length: 20 }, () => thing());
    const project = projectorOnto(things, { publisher });
    await project([recordOf(bad)]);
    const records = neighbours.map((neighbour) => recordOf(neighbour));
    records.splice(7, 0, recordOf({ ...bad, version: 2, size }));

    // when
    const report = await project(records);

    // then
    expect(report).toMatchObject({ applied: 20, deadLettered: 1 });
    expect(publisher.kept.map(reasonOf)).toEqual(["document-refused"]);
    expect(publisher.kept[0]?.value).toEqual(records[7]?.value);
    const held = await things.held(bad.id, ...neighbours.map(({ id }) => id));
    expect(held[0]).toEqual({ row, document });
    expect(held.slice(1)).toEqual(neighbours.map(() => ({ row: [1, "1"], document: [1, "1"] })));
  });

  test("does not take an older one of the same batch with it", async () => {
    // given
    const publisher = keepingPublisher();
    const one = thing();

    // when
    const report = await projectorOnto(things, { publisher })([
      recordOf({ ...one, version: 1, size: 10 }),
      recordOf({ ...one, version: 2, size: 20 }),
      recordOf({ ...one, version: 3, size: "large" }),
    ]);

    // then
    expect(report).toMatchObject({ applied: 1, duplicate: 1, deadLettered: 1 });
    expect(await things.held(one.id)).toEqual([{ row: [3, "large"], document: [2, "20"] }]);
  });

  test("is taken by the other store when it comes again", async () => {
    // given a table that refuses it, and an index that has taken it
    const one = thing({ size: 1_000_000 });
    await projectorOnto(things)([recordOf(one)]);
    await things.db.query({ text: `alter table "${things.table}" drop constraint "${things.table}_size_check"` });

    // when the dead letter is redriven, once the table takes it
    const report = await projectorOnto(things)([recordOf(one)]);
    await things.db.query({ text: `delete from "${things.table}" where size = '1000000'` });
    await things.db.query({ text: `alter table "${things.table}" add check (size <> '1000000')` });

    // then
    expect(report).toMatchObject({ applied: 1, duplicate: 0 });
  });
});

describe("a poison flood", () => {
  test("of records that cannot be decoded stops the batch: nothing is written or dead-lettered", async () => {
    // given
    const publisher = keepingPublisher();
    const counted: Record<string, number> = {};
    const meter = {
      count: (name: string, value: number) => {
        counted[name] = value;
      },
      milliseconds: () => {},
      level: () => {},
    };
    const good = Array.from({ length: 24 }, () => thing());

    // when
    const batch = [...good.map((one) => recordOf(one)), ...Array.from({ length: 26 }, () => garbage())];
    const projected = projectorOnto(things, { publisher, meter })(batch);

    // then
    await expect(projected).rejects.toMatchObject({ code: "poison-flood" });
    expect(publisher.kept).toEqual([]);
    expect(counted).toEqual({ PoisonFlood: 1 });
    expect(await things.held(...good.map(({ id }) => id))).toEqual(good.map(() => ({})));
  });

  test("of documents that a read model refuses is one too", async () => {
    // given
    const publisher = keepingPublisher();
    const batch = Array.from({ length: 50 }, (_, index) => recordOf(thing({ size: index < 24 ? 1 : "large" })));

    // when, then
    await expect(projectorOnto(things, { publisher })(batch)).rejects.toMatchObject({ code: "poison-flood" });
    expect(publisher.kept).toEqual([]);
  });

  test("is not seen in a batch with as much good as bad", async () => {
    // given
    const publisher = keepingPublisher();
    const batch = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? garbage() : recordOf(thing())));

    // when, then
    expect(await projectorOnto(things, { publisher })(batch)).toMatchObject({ applied: 25, deadLettered: 25 });
  });
});

test("a batch whose dead letters the broker did not take is not acknowledged, and all of it is applied when it comes again", async () => {
  // given
  const one = thing();
  const batch = [recordOf(one), garbage()];
  const away = keepingPublisher({ status: "failed", error: new Error("no broker") });

  // when
  const first = projectorOnto(things, { publisher: away })(batch);

  // then
  await expect(first).rejects.toMatchObject({ code: "dead-letter-failed", canRetry: true });
  const publisher = keepingPublisher();
  expect(await projectorOnto(things, { publisher })(batch)).toMatchObject({ duplicate: 1, deadLettered: 1 });
  expect(publisher.kept).toHaveLength(1);
});
