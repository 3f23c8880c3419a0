import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { InboundRecord } from "../messaging/record.ts";
import { connect } from "../postgres/connect.ts";
import { connectSearch } from "../search/search-client.ts";
import { keepingPublisher } from "../testing/keeping-publisher.ts";
import { type SearchProxy, startSearchProxy } from "../testing/search-proxy.ts";
import { createThings, projectorOnto, recordOf, type Thing, type Things, thing } from "./testing/things.ts";

let things: Things;
let proxy: SearchProxy;
beforeAll(async () => {
  things = await createThings();
  proxy = await startSearchProxy(things.searchUrl);
});
afterAll(async () => {
  await proxy?.[Symbol.asyncDispose]();
  await things?.[Symbol.asyncDispose]();
});

const expectHeld = async (expected: readonly Thing[]): Promise<void> => {
  const [rows, documents] = [await things.rows(), await things.documents()];
  for (const { id, version, size } of expected) {
    expect(rows[id]).toEqual([version, String(size)]);
    expect(documents[id]).toEqual([version, String(size)]);
  }
};

const passAll = () => proxy.setRule(({ body }) => ({ pass: body }));
const overloaded = { type: "es_rejected_execution_exception", reason: "rejected execution" };

describe("while OpenSearch is overloaded", () => {
  test("a batch is refused retriably; when it passes again everything is applied", async () => {
    // given
    const search = connectSearch({ url: proxy.url });
    const project = projectorOnto({ db: things.db, search });
    const all = Array.from({ length: 30 }, () => thing());
    const batch = all.map((one) => recordOf(one));
    proxy.setRule(() => ({ status: 429, body: { error: overloaded, status: 429 } }));

    // when
    for (let tries = 0; tries < 3; tries++)
      await expect(project(batch)).rejects.toMatchObject({ code: "search-unavailable", canRetry: true });
    passAll();
    const report = await project(batch);

    // then
    expect(report).toMatchObject({ applied: 30, duplicate: 0, deadLettered: 0, givenBack: [] });
    await expectHeld(all);
    await search.close();
  });

  /** Answers 429 for the documents of these ids, and passes on the others. */
  const rejectSome = (ids: ReadonlySet<string>): void =>
    proxy.setRule(({ path, body }) => {
      if (!path.includes("_bulk")) return { pass: body };
      const lines = body.trimEnd().split("\n");
      const idAt = (index: number) => JSON.parse(lines[index] as string).index._id as string;
      const kept = lines.filter((_, index) => !ids.has(idAt(index - (index % 2))));
      const asked = lines.filter((_, index) => index % 2 === 0).map((_, index) => idAt(index * 2));
      return {
        pass: kept.map((line) => `${line}\n`).join(""),
        change: (answer) => {
          const items = (JSON.parse(answer) as { items: object[] }).items;
          const rejected = { index: { status: 429, error: overloaded } };
          return JSON.stringify({ items: asked.map((id) => (ids.has(id) ? rejected : items.shift())) });
        },
      };
    });

  /** Three partitions of eight things; one document of the first and two of the second are not taken; the second holds poison too. */
  const scenario = () => {
    const all = Array.from({ length: 24 }, () => thing());
    const records = all.map((one, index) =>
      recordOf(one, { partition: Math.floor(index / 8), offset: BigInt(100 + (index % 8)) }),
    );
    const poison = (offset: bigint) => recordOf(thing(), { partition: 1, offset, value: new Uint8Array([1]) });
    const batch = [poison(99n), ...records, poison(200n)];
    const rejected = new Set([all[5], all[9], all[14]].map((one) => (one as Thing).id));
    return { all, batch, rejected };
  };

  const placeOf = ({ partition, offset }: InboundRecord) => `${partition}:${offset}`;

  test("for some documents, those and what follows them in their partitions are given back, the rest is done with", async () => {
    // given
    const { all, batch, rejected } = scenario();
    const search = connectSearch({ url: proxy.url });
    const publisher = keepingPublisher();
    const project = projectorOnto({ db: things.db, search }, { publisher });
    rejectSome(rejected);

    // when
    const report = await project(batch);

    // then
    expect(report.givenBack.map(placeOf)).toEqual([
      ...["0:105", "0:106", "0:107"],
      ...["1:101", "1:102", "1:103", "1:104", "1:105", "1:106", "1:107", "1:200"],
    ]);
    expect(report).toMatchObject({ records: 26, applied: 14, duplicate: 0, deadLettered: 1 });
    expect(publisher.kept).toHaveLength(1);

    // when only those come again
    passAll();
    const again = await project(report.givenBack);

    // then
    expect(again).toMatchObject({ records: 11, deadLettered: 1, givenBack: [] });
    expect(again.applied + again.duplicate).toBe(10);
    expect(publisher.kept).toHaveLength(2);
    await expectHeld(all);
    await search.close();
  });

  test("for some documents, everything is applied too when all from the lowest given back comes again", async () => {
    // given
    const { all, batch, rejected } = scenario();
    const search = connectSearch({ url: proxy.url });
    const project = projectorOnto({ db: things.db, search });
    rejectSome(rejected);
    const { givenBack } = await project(batch);
    const from = new Map<number, bigint>();
    for (const { partition, offset } of givenBack)
      if (offset < (from.get(partition) ?? offset + 1n)) from.set(partition, offset);

    // when
    passAll();
    await project(batch.filter(({ partition, offset }) => offset >= (from.get(partition) ?? offset + 1n)));

    // then
    await expectHeld(all);
    await search.close();
  });

  test("for some documents, the whole batch comes again where the mapping takes no partial response", async () => {
    // given
    const { all, batch, rejected } = scenario();
    const search = connectSearch({ url: proxy.url });
    const publisher = keepingPublisher();
    const project = projectorOnto({ db: things.db, search }, { publisher, partialResponse: false });
    rejectSome(rejected);

    // when, then
    await expect(project(batch)).rejects.toMatchObject({ code: "search-unavailable", canRetry: true });
    expect(publisher.kept).toEqual([]);
    passAll();
    expect(await project(batch)).toMatchObject({ applied: 3, duplicate: 21, deadLettered: 2, givenBack: [] });
    await expectHeld(all);
    await search.close();
  });
});

/** Waits until a session of the database waits for a lock, and answers its process. */
const waitingBackend = async (application: string): Promise<number> => {
  for (;;) {
    const { rows } = await things.db.query<{ pid: number }>({
      text: "select pid from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock'",
      values: [application],
    });
    if (rows[0]) return rows[0].pid;
    await sleep(5);
  }
};

test("a batch whose database connection is cut in the middle is refused retriably, and everything is applied when it comes again", async () => {
  // given an upsert that waits for a row that somebody has locked
  const application = "sluice-cut";
  const db = connect({ url: things.databaseUrl, max: 1, applicationName: application });
  const project = projectorOnto({ db, search: things.search });
  const all = Array.from({ length: 30 }, () => thing());
  await project([recordOf(all[12] as Thing)]);
  const next = all.map((one) => ({ ...one, version: 2, size: 2 }));
  const batch = next.map((one) => recordOf(one));
  const other = new Client({ connectionString: things.databaseUrl });
  await other.connect();
  await other.query("begin");
  await other.query(`select from "${things.table}" where id = $1 for update`, [all[12]?.id]);

  // when
  const outcome = project(batch).catch((fault: unknown) => fault);
  await other.query("select pg_terminate_backend($1)", [await waitingBackend(application)]);

  // then
  expect(await outcome).toMatchObject({ code: "postgres-unavailable", canRetry: true });
  await other.query("rollback");
  await other.end();
  expect(await project(batch)).toMatchObject({ applied: 30, deadLettered: 0, givenBack: [] });
  await expectHeld(next);
  await db.end();
});
