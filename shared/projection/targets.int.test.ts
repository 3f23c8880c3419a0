import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createThings, projectorOnto, recordOf, type Things, thing } from "./testing/things.ts";

let things: Things;
beforeAll(async () => {
  things = await createThings();
});
afterAll(() => things?.[Symbol.asyncDispose]());

describe("the target set", () => {
  test("is read for every batch: what is consumed after a target is added is written to it too", async () => {
    // given
    const project = projectorOnto(things);
    const [before, after] = [thing(), thing()];
    await project([recordOf(before)]);
    const building = await things.addTargets("building");

    // when
    await project([recordOf(after)]);

    // then
    expect(await things.rows(building)).toEqual({ [after.id]: [1, "1"] });
    expect(await things.documents(building)).toEqual({ [after.id]: [1, "1"] });
    expect(await things.held(after.id)).toEqual([{ row: [1, "1"], document: [1, "1"] }]);
    await things.db.query({ text: "delete from projection_target where name = $1", values: [building] });
  });

  test("without a live target of a kind fails the batch", async () => {
    // given
    const { rows } = await things.db.query({ text: "select * from projection_target where projection = 'things'" });
    await things.db.query({ text: "update projection_target set state = 'retiring' where kind = 'search'" });

    // when
    const projected = projectorOnto(things)([recordOf(thing())]);

    // then
    await expect(projected).rejects.toMatchObject({ code: "projection-not-installed", canRetry: true });
    await things.db.query({ text: "update projection_target set state = 'live' where projection = 'things'" });
    expect(rows).toHaveLength(2);
  });

  test("that names a missing index fails the batch, and does not make the index", async () => {
    // given
    const missing = `${things.index}-missing`;
    await things.db.query({
      text: "insert into projection_target (projection, kind, name, state) values ('things', 'search', $1, 'retiring')",
      values: [missing],
    });

    // when
    const projected = projectorOnto(things)([recordOf(thing())]);

    // then
    await expect(projected).rejects.toMatchObject({
      code: "search-unavailable",
      canRetry: true,
      hint: expect.stringContaining("make it"),
    });
    const { status } = await things.search.request({ method: "HEAD", path: `/${missing}`, expected: [404] });
    expect(status).toBe(404);
    await things.db.query({ text: "delete from projection_target where name = $1", values: [missing] });
  });
});

describe("a damaged document and row", () => {
  const damage = async (id: string): Promise<void> => {
    await things.db.query({ text: `update "${things.table}" set size = 'damaged' where id = $1`, values: [id] });
    await things.search.request({
      method: "PUT",
      path: `/${things.index}/_doc/${id}`,
      query: { version: 3, version_type: "external_gte", refresh: true },
      body: { id, version: 3, size: 666 },
    });
  };

  test("stay as they are when their event comes again, and are mended by it during a rewind", async () => {
    // given
    const project = projectorOnto(things);
    const one = thing({ version: 3 });
    await project([recordOf(one)]);
    await damage(one.id);

    // when, then
    expect(await project([recordOf(one)])).toMatchObject({ applied: 0, duplicate: 1 });
    expect(await things.held(one.id)).toEqual([{ row: [3, "damaged"], document: [3, "666"] }]);

    // when
    await things.db.query({ text: "insert into projection_rewind (projection, run) values ('things', 'run-1')" });
    const rewound = await project([recordOf({ ...one, version: 2 }), recordOf(one)]);
    await things.db.query({ text: "delete from projection_rewind" });

    // then
    expect(rewound).toMatchObject({ applied: 1, duplicate: 1 });
    expect(await things.held(one.id)).toEqual([{ row: [3, "1"], document: [3, "1"] }]);
    expect(await project([recordOf(one)])).toMatchObject({ applied: 0, duplicate: 1 });
  });

  test("are not mended by an older event, not even during a rewind", async () => {
    // given
    const project = projectorOnto(things);
    const one = thing({ version: 3 });
    await project([recordOf(one)]);
    await things.db.query({ text: "insert into projection_rewind (projection, run) values ('things', 'run-1')" });

    // when
    const report = await project([recordOf({ ...one, version: 2, size: 2 })]);
    await things.db.query({ text: "delete from projection_rewind" });

    // then
    expect(report).toMatchObject({ applied: 0, duplicate: 1 });
    expect(await things.held(one.id)).toEqual([{ row: [3, "1"], document: [3, "1"] }]);
  });
});
