import { afterAll, beforeAll, expect, test } from "vitest";
import type { SearchClient } from "../search/search-client.ts";
import { purgeTombstones } from "./purge-tombstones.ts";
import { createThings, projectorOnto, recordOf, type Things, thing } from "./testing/things.ts";

let things: Things;
beforeAll(async () => {
  things = await createThings();
});
afterAll(() => things?.[Symbol.asyncDispose]());

const day = 24 * 60 * 60 * 1000;
const purge = (limit = 100, search = things.search) =>
  purgeTombstones({ db: things.db, search, projection: "things", olderThanMs: 28 * day, limit });

/** As if it had been written so many days ago. */
const age = (id: string, days: number) =>
  things.db.query({
    text: `update "${things.table}" set written_at = now() - $2 * interval '1 day' where id = $1`,
    values: [id, days],
  });

test("old tombstones go from every target, young ones and things that are there stay", async () => {
  // given
  const retiring = await things.addTargets("retiring");
  const [old, older, young, present] = [thing(), thing(), thing(), thing()];
  await projectorOnto(things)([
    ...[old, older, young].map((one) => recordOf({ ...one, version: 2, archived: true })),
    recordOf(present),
  ]);
  await age(old.id, 29);
  await age(older.id, 30);
  await age(young.id, 27);
  await age(present.id, 100);

  // when
  const purged = [await purge(1), await purge(), await purge()];

  // then
  expect(purged).toEqual([1, 1, 0]);
  for (const target of [things.table, retiring]) {
    expect(Object.keys(await things.rows(target)).sort()).toEqual([young.id, present.id].sort());
    expect(Object.keys(await things.documents(target)).sort()).toEqual([young.id, present.id].sort());
  }
  await things.db.query({ text: "delete from projection_target where name = $1", values: [retiring] });
});

test("nothing is purged while a rebuild runs", async () => {
  // given
  const old = thing({ archived: true });
  await projectorOnto(things)([recordOf(old)]);
  await age(old.id, 29);
  const building = await things.addTargets("building");

  // when
  const during = await purge();
  await things.db.query({ text: "delete from projection_target where name = $1", values: [building] });
  const afterwards = await purge();

  // then
  expect([during, afterwards]).toEqual([0, 1]);
});

test("a document that is newer than its row's tombstone stays", async () => {
  // given
  const old = thing({ version: 2, archived: true });
  await projectorOnto(things)([recordOf(old)]);
  await age(old.id, 29);
  await things.search.request({
    method: "PUT",
    path: `/${things.index}/_doc/${old.id}`,
    query: { version: 3, version_type: "external", refresh: true },
    body: { ...old, version: 3 },
  });

  // when
  await purge();

  // then
  expect(await things.documents()).toHaveProperty(old.id);
});

test("a row that is written anew while its page is purged stays", async () => {
  // given
  const old = thing({ version: 2, archived: true });
  await projectorOnto(things)([recordOf(old)]);
  await age(old.id, 29);
  const writeFirst: SearchClient = {
    ...things.search,
    request: async (request) => {
      await projectorOnto(things)([recordOf({ ...old, version: 3 })]);
      return things.search.request(request);
    },
  };

  // when
  await purge(100, writeFirst);

  // then
  expect(await things.rows()).toHaveProperty(old.id, [3, "1"]);
  expect(await things.documents()).toHaveProperty(old.id, [3, "1"]);
});
