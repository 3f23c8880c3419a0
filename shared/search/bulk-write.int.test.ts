import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createIndexes, type TestIndexes } from "../testing/search-index.ts";
import { bulkDelete, bulkIndex, type EqualVersion } from "./bulk-write.ts";
import { addAlias, ensureIndex, indexesOf } from "./ensure-index.ts";

const definition = {
  settings: { number_of_replicas: 0, gc_deletes: "0s" },
  mappings: { dynamic: false, properties: { size: { type: "long" } } },
};

let indexes: TestIndexes;
let index: string;
beforeAll(async () => {
  indexes = await createIndexes();
  index = `${indexes.prefix}-things`;
  await ensureIndex(indexes.search, index, definition);
});
afterAll(() => indexes?.[Symbol.asyncDispose]());

const write = async (equal: EqualVersion, ...items: [id: string, version: number, size: unknown][]) => {
  const documents = items.map(([id, version, size]) => ({ id, version, document: JSON.stringify({ size }) }));
  return (await bulkIndex(indexes.search, index, documents, equal)).map(({ status }) => status);
};

const held = async (id: string): Promise<[number, unknown] | undefined> => {
  const { status, body } = await indexes.search.request<{ _version: number; _source: { size: unknown } }>({
    method: "GET",
    path: `/${index}/_doc/${encodeURIComponent(id)}`,
    expected: [404],
  });
  return status === 404 ? undefined : [body._version, body._source.size];
};

describe("a bulk write", () => {
  test("takes the higher version, in whichever order they come", async () => {
    expect(await write("keep", ["a", 3, 30])).toEqual(["written"]);
    expect(await write("keep", ["a", 2, 20], ["b", 1, 10])).toEqual(["superseded", "written"]);
    expect(await write("keep", ["a", 3, 33])).toEqual(["superseded"]);
    expect(await held("a")).toEqual([3, 30]);
  });

  test("writes an equal version again where it is told to, and never a lower one", async () => {
    await write("keep", ["c", 3, 30]);
    expect(await write("rewrite", ["c", 2, 22])).toEqual(["superseded"]);
    expect(await write("rewrite", ["c", 3, 33])).toEqual(["written"]);
    expect(await held("c")).toEqual([3, 33]);
  });

  test("tells which document its mapping refuses, and writes the others", async () => {
    // when
    const documents = [1, "large", 3].map((size, place) => ({
      id: `d${place}`,
      version: 1,
      document: JSON.stringify({ size }),
    }));
    const outcomes = await bulkIndex(indexes.search, index, documents, "keep");

    // then
    expect(outcomes.map(({ status }) => status)).toEqual(["written", "refused", "written"]);
    expect(outcomes[1]).toMatchObject({ reason: expect.stringMatching(/mapper_parsing_exception.*size.*large/) });
  });

  test("does not make a missing index", async () => {
    // when
    const missing = `${indexes.prefix}-missing`;
    const outcome = bulkIndex(indexes.search, missing, [{ id: "a", version: 1, document: "{}" }], "keep");

    // then
    await expect(outcome).rejects.toMatchObject({ code: "search-unavailable", canRetry: true });
    const { status } = await indexes.search.request({ method: "HEAD", path: `/${missing}`, expected: [404] });
    expect(status).toBe(404);
  });

  test("fails retriably on an index that is blocked, as one is on a full disk", async () => {
    // given
    const block = (on: boolean) =>
      indexes.search.request({ method: "PUT", path: `/${index}/_settings`, body: { "index.blocks.write": on } });
    await block(true);

    // when
    const [outcome] = await bulkIndex(indexes.search, index, [{ id: "x", version: 1, document: "{}" }], "keep");
    await block(false);

    // then
    expect(outcome).toMatchObject({ status: "failed", error: { code: "search-unavailable", canRetry: true } });
  });

  test("takes ids and texts of any kind", async () => {
    const id = 'a "quoted"\nid/%2F é';
    expect(await write("keep", [id, 1, 7])).toEqual(["written"]);
    expect(await held(id)).toEqual([1, 7]);
  });
});

test("a bulk delete takes away what is still at its version", async () => {
  // given
  await write("keep", ["e", 2, 2], ["f", 3, 3]);

  // when
  const gone = await bulkDelete(indexes.search, index, [
    { id: "e", version: 2 },
    { id: "f", version: 2 },
    { id: "never-there", version: 1 },
  ]);

  // then
  expect(gone.map(({ status }) => status)).toEqual(["written", "superseded", "written"]);
  expect(await held("e")).toBeUndefined();
  expect(await held("f")).toEqual([3, 3]);
});

test("several that ensure an index at once make it once", async () => {
  // when
  const name = `${indexes.prefix}-shared`;
  const made = await Promise.all([1, 2, 3, 4].map(() => ensureIndex(indexes.search, name, definition)));

  // then
  expect(made.filter(Boolean)).toHaveLength(1);
});

test("a wrong definition is refused with the reason", async () => {
  const wrong = { settings: {}, mappings: { properties: { size: { type: "huge" } } } };
  await expect(ensureIndex(indexes.search, `${indexes.prefix}-wrong`, wrong)).rejects.toMatchObject({
    code: "search-refused",
    message: expect.stringContaining("huge"),
  });
});

test("an alias tells the indexes behind it", async () => {
  // given
  const alias = `${indexes.prefix}-alias`;
  expect(await indexesOf(indexes.search, alias)).toEqual([]);

  // when
  await addAlias(indexes.search, alias, index);

  // then
  expect(await indexesOf(indexes.search, alias)).toEqual([index]);
});

test("a body that names an index is refused: the path is all that IAM weighs", async () => {
  const lines = `${JSON.stringify({ index: { _index: index, _id: "1" } })}\n${JSON.stringify({ size: 1 })}\n`;
  const other = `${indexes.prefix}-other`;
  await expect(indexes.search.request({ method: "POST", path: `/${other}/_bulk`, lines })).rejects.toThrow(
    "explicit index in bulk is not allowed",
  );
});
