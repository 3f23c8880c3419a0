import { fork } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listAudit } from "../operations/audit/list-audit.ts";
import { verifyReadModels } from "../operations/parity/verify-read-models.ts";
import { findHolder } from "../operations/read-model-lease/find-holder.ts";
import type { Turn } from "../operations/rebuild/begin-course.ts";
import { findOpenRebuild } from "../operations/rebuild/find-rebuild.ts";
import { courses, type RebuildRun } from "../operations/rebuild/rebuild-run.ts";
import { livePair } from "../projection/change-targets.ts";
import { readTargets } from "../projection/targets.ts";
import { indexesOf } from "../search/ensure-index.ts";
import { productProjection } from "./product-projection.ts";
import type { ChildOrder } from "./testing/rebuild-child.ts";
import { openRebuildFixture, type RebuildFixture, someProducts } from "./testing/rebuild-fixture.ts";

const projection = productProjection.name;

let fixture: RebuildFixture;
let ids: readonly string[];
beforeAll(async () => {
  fixture = await openRebuildFixture();
  ids = await someProducts(fixture, 60);
  await fixture.caughtUp();
});
afterAll(() => fixture?.[Symbol.asyncDispose]());

/** Returns when the child has ended by its own hand. */
const killedAt = async (order: Pick<ChildOrder, "courses" | "killAt">): Promise<void> => {
  const argument = JSON.stringify({ ...fixture.addresses, ...order });
  const child = fork(new URL("./testing/rebuild-child.ts", import.meta.url), [argument], { execArgv: [] });
  const [, signal] = await once(child, "exit");
  expect(signal).toBe("SIGKILL");
};

/** Somebody writes between the crash and the second run. */
const write = (stock: number) =>
  fixture.ask(`PATCH /products/${ids[1]}`, {
    body: { stock },
    headers: { "content-type": "application/merge-patch+json", "if-match": "*" },
  });

/** What readers see is whole, one pair, and what the write model says; every target that is written exists. */
const expectWhole = async (): Promise<void> => {
  await fixture.caughtUp();
  const request = { limitMs: 10_000, signal: new AbortController().signal };
  expect(await verifyReadModels(fixture.parts, request)).toMatchObject({ compared: 60, differences: [] });
  expect(await indexesOf(fixture.models.search, fixture.models.alias)).toHaveLength(1);
};

/** Nothing is left over: one live pair, which alias and view name, no lease, no other index or table. */
const expectSettled = async (): Promise<void> => {
  await expectWhole();
  const live = await livePair(fixture.db, projection);
  expect(await indexesOf(fixture.models.search, fixture.models.alias)).toEqual([live?.index]);
  expect((await readTargets(fixture.db, projection)).targets).toHaveLength(2);
  expect(await findHolder(fixture.db, projection)).toBeUndefined();
  const { body } = await fixture.models.search.request<readonly { index: string }[]>({
    ...{ method: "GET", path: `/_cat/indices/${fixture.models.alias}*`, query: { format: "json", h: "index" } },
  });
  expect(body).toEqual([{ index: live?.index }]);
  const tables = "select tablename from pg_tables where tablename like 'product\\_view\\_%'";
  expect((await fixture.db.query({ text: tables })).rows).toEqual([{ tablename: live?.table }]);
};

/** After a step is done and before that is written; once more, before the first. What is before the others differs from nothing there. */
const pointsOf = (course: keyof typeof courses) => [
  `${course}: before ${courses[course][0]}`,
  ...courses[course].map((step) => `${course}: after ${step}`),
];

const aboutOf = async (run: RebuildRun | undefined) => {
  const [entry] = await listAudit(fixture.db, { limit: 1 });
  return { entry, id: run?.id };
};

describe("killed while it builds or swaps", () => {
  const points = [...pointsOf("build"), "build: within load", ...pointsOf("swap")];

  test.each(points)("%s: a second run finishes", async (killAt) => {
    // given
    await killedAt({ courses: ["build", "swap"], killAt });
    const left = await findOpenRebuild(fixture.db, projection);
    await write(points.indexOf(killAt));
    await expectWhole();

    // when
    const built = left?.course === "swap" ? left : await fixture.build();
    const swapped = await fixture.turn("swap");

    // then
    expect([built.id, swapped.id]).toEqual([left?.id, left?.id]);
    expect((await aboutOf(left)).entry).toMatchObject({ operation: "rebuild swap", outcome: "done" });
    expect(await livePair(fixture.db, projection)).toEqual(left?.made);
    await fixture.turn("retire");
    await expectSettled();
  });

  const givenUp = [
    "build: after create-targets",
    "build: within load",
    "build: after compare",
    "swap: after move-alias",
  ];

  test.each([...givenUp, "swap: after move-view"])("%s: it can be given up", async (killAt) => {
    // given
    await killedAt({ courses: ["build", "swap"], killAt });
    const left = await findOpenRebuild(fixture.db, projection);

    // when
    await fixture.turn("abort");

    // then
    expect(await livePair(fixture.db, projection)).toEqual(left?.found);
    await expectSettled();
  });
});

describe.each<{ readonly course: Turn; readonly before: ChildOrder["courses"]; readonly after: readonly Turn[] }>([
  { course: "rollback", before: ["build", "swap"], after: ["rollback", "retire"] },
  { course: "retire", before: ["build", "swap"], after: ["retire"] },
  { course: "abort", before: ["build"], after: ["abort"] },
])("killed at its $course", ({ course, before, after }) => {
  test.each(pointsOf(course))("%s: a second run finishes", async (killAt) => {
    // given
    await killedAt({ courses: [...before, course], killAt });
    await expectWhole();

    // when
    for (const turn of after) await fixture.turn(turn);

    // then
    await expectSettled();
  });
});
