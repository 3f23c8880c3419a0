import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { connect } from "../../postgres/connect.ts";
import type { Database } from "../../postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../../testing/database.ts";
import { audited } from "./audited.ts";
import { listAudit } from "./list-audit.ts";
import { writeAudit } from "./write-audit.ts";

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 2 });
});
afterAll(async () => {
  await db?.end();
  await database?.drop();
});

const rowsOf = async (target: string) =>
  (
    await db.query({
      text: "select outcome, before, after, fault from audit where target = $1 order by id",
      values: [target],
    })
  ).rows;

const about = () => ({ actor: "ann", operation: "levee raise", target: randomUUID(), reason: "rain" });
const latest = async () => (await listAudit(db, { limit: 1 }))[0];

test("work leaves a row before it and a row after it, with what was and what is", async () => {
  const operation = about();

  const result = await audited(db, operation, async (audit) => {
    expect(await rowsOf(operation.target)).toEqual([{ outcome: "started", before: null, after: null, fault: null }]);
    audit.before({ offset: 12n });
    audit.after({ offset: 9_007_199_254_740_993n });
    return audit.run;
  });

  expect(await rowsOf(operation.target)).toMatchObject([
    { outcome: "started" },
    { outcome: "done", before: { offset: 12 }, after: {}, fault: null },
  ]);
  const { rows } = await db.query({
    text: "select after::text from audit where outcome = 'done' and run = $1",
    values: [result],
  });
  expect(rows).toEqual([{ after: '{"offset": 9007199254740993}' }]);
  expect(await latest()).toMatchObject({ ...operation, run: result, outcome: "done", endedAt: expect.any(String) });
});

test.each([
  [new SluiceError("broker-unavailable", "nobody is there"), "failed", "broker-unavailable: nobody is there"],
  [new SluiceError("not-rewindable", "never"), "refused", "not-rewindable: never"],
  [new TypeError("a bug"), "failed", "TypeError: a bug"],
])("work that throws %s is %s, and the fault comes out", async (fault, outcome, said) => {
  const operation = about();

  const run = audited(db, { ...operation, before: [1] }, () => Promise.reject(fault));

  await expect(run).rejects.toBe(fault);
  expect(await rowsOf(operation.target)).toEqual([
    { outcome: "started", before: [1], after: null, fault: null },
    { outcome, before: [1], after: null, fault: said },
  ]);
});

test("without the first row nothing is done", async () => {
  let done = false;
  const run = audited(db, { ...about(), actor: "" }, async () => {
    done = true;
  });

  await expect(run).rejects.toMatchObject({ code: "postgres-error" });
  expect(done).toBe(false);
});

test.each(["update audit set actor = 'eve'", "delete from audit", "truncate audit", "delete from audit where false"])(
  "the audit is append-only: %s",
  async (text) => {
    await writeAudit(db, { ...about(), run: randomUUID(), outcome: "done" });
    const before = await db.query({ text: "select * from audit order by id" });

    await expect(db.query({ text })).rejects.toThrow("append-only");

    expect(await db.query({ text: "select * from audit order by id" })).toEqual(before);
  },
);

test("a run is done once; one that failed may be taken up again", async () => {
  const run = randomUUID();
  const operation = { ...about(), run };
  await expect(audited(db, operation, () => Promise.reject(new Error("killed")))).rejects.toThrow("killed");

  await audited(db, operation, async () => {});

  expect((await rowsOf(operation.target)).map(({ outcome }) => outcome)).toEqual([
    ...["started", "failed"],
    ...["started", "done"],
  ]);
  expect(await latest()).toMatchObject({ run, outcome: "done" });
  await expect(audited(db, operation, async () => {})).rejects.toMatchObject({ code: "postgres-error" });
});

test("the list is a line a run, newest first, by time, words and count; a run that died is `started`", async () => {
  const since = (await db.query<{ now: Date }>({ text: "select clock_timestamp() as now" })).rows[0]?.now as Date;
  const entry = { actor: "ann", target: "t", outcome: "started" } as const;
  await writeAudit(db, { ...entry, run: randomUUID(), operation: "dyke" });
  await audited(db, { ...entry, operation: "dyke open" }, async () => {});
  await audited(db, { ...entry, operation: "dykes" }, async () => {});

  const list = async (operation?: string, limit = 9) =>
    (await listAudit(db, { since, operation, limit })).map((run) => [
      run.operation,
      run.outcome,
      run.endedAt !== undefined,
    ]);

  expect(await list()).toEqual([
    ["dykes", "done", true],
    ["dyke open", "done", true],
    ["dyke", "started", false],
  ]);
  expect(await list("dyke")).toEqual([
    ["dyke open", "done", true],
    ["dyke", "started", false],
  ]);
  expect(await list(undefined, 1)).toEqual([["dykes", "done", true]]);
  expect((await listAudit(db, { limit: 99 })).length).toBeGreaterThan(3);
});
