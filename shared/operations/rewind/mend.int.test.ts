import { afterAll, beforeAll, expect, test } from "vitest";
import { createThings, projectorOnto, recordOf, type Things, thing } from "../../projection/testing/things.ts";
import { commitOffsets } from "../../testing/commit-offsets.ts";
import { followRun } from "./follow-run.ts";
import { openRewindFixture, type RewindFixture } from "./testing/rewind-fixture.ts";

let things: Things;
let fixture: RewindFixture;
beforeAll(async () => {
  things = await createThings();
  const project = projectorOnto(things);
  const read = async (records: Parameters<typeof project>[0]) => void (await project(records));
  fixture = await openRewindFixture({ databaseUrl: things.databaseUrl, read });
});
afterAll(async () => {
  await fixture?.close();
  await things?.[Symbol.asyncDispose]();
});

const publish = (all: readonly ReturnType<typeof thing>[]) =>
  fixture.publish(
    all.map((one) => {
      const { key, value, headers } = recordOf(one);
      return { key, value, headers };
    }),
  );

const damage = async (id: string): Promise<void> => {
  await things.db.query({ text: `update "${things.table}" set size = 'damaged' where id = $1`, values: [id] });
  await things.search.request({
    method: "PUT",
    path: `/${things.index}/_doc/${id}`,
    query: { version: 3, version_type: "external_gte", refresh: true },
    body: { id, version: 3, size: 666 },
  });
};

test("a damaged document and a damaged row are mended by a rewind, the others stay, and the command group is untouched", async () => {
  // given
  const [hurt, sound] = [thing({ version: 3 }), thing({ version: 3 })];
  await commitOffsets(fixture.addresses.brokers, fixture.doers.groupId, fixture.topic, { 0: 0, 1: 0 });
  await publish([hurt, sound]);
  await fixture.caughtUp();
  await damage(hurt.id);
  expect(await things.held(hurt.id)).toEqual([{ row: [3, "damaged"], document: [3, "666"] }]);

  // when
  const run = await fixture.rewind({ kind: "to-earliest" });
  const options = { signal: new AbortController().signal, everyMs: 20, onSight: () => {} };
  expect(await followRun(fixture.parts, run.id, options)).toMatchObject({ outcome: "done" });

  // then
  const good = { row: [3, "1"], document: [3, "1"] };
  expect(await things.held(hurt.id, sound.id)).toEqual([good, good]);
  const commands = await fixture.parts.reader.committed(fixture.doers.groupId);
  expect(commands.map(({ offset }) => offset)).toEqual([0n, 0n]);
});
