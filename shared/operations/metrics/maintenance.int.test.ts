import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog } from "../../observability/logger.ts";
import { eventually } from "../../testing/eventually.ts";
import { followRun } from "../rewind/follow-run.ts";
import { openRewindFixture, type RewindFixture } from "../rewind/testing/rewind-fixture.ts";
import type { Family } from "./family.ts";
import { createGathering } from "./gather-metrics.ts";
import { groupsSource } from "./groups-source.ts";
import { jobsSource } from "./jobs-source.ts";
import { operationsSource } from "./operations-source.ts";

let fixture: RewindFixture;
let reading: Promise<void>;
let read: () => void;
beforeEach(async () => {
  ({ promise: reading, resolve: read } = Promise.withResolvers<void>());
  read();
  fixture = await openRewindFixture({ read: () => reading });
});
afterEach(() => fixture.close());

/** What the three sources tell of the fixture's groups, asked anew each time. */
const seriesOf = async (name: string): Promise<Readonly<Record<string, number>>> => {
  const { db, registry, reader, clock } = fixture.parts;
  const gather = createGathering({
    ...{ db, registry, clock, log: silentLog, limitMs: 30_000, freshMs: 0 },
    sources: [groupsSource, jobsSource, operationsSource([])],
    openReader: () => ({ ...reader, close: () => {} }),
  });
  const families = await gather();
  const found: Family | undefined = families.find((family) => family.name === name);
  return Object.fromEntries(
    (found?.samples ?? []).map(({ labels, value }) => [Object.values(labels).join(" "), value]),
  );
};

test("a rewind is a watermark from its beginning until the group is where it had been, and its progress is told", async () => {
  // given
  const record = (at: number) => ({ key: `key-${at}`, value: Buffer.from("{}"), headers: [] });
  await fixture.publish(Array.from({ length: 40 }, (_, at) => record(at)));
  await fixture.caughtUp();
  expect(await seriesOf("projection_maintenance")).toEqual({});
  expect(await seriesOf("kafka_consumergroup_lag")).toMatchObject({
    [`${fixture.groupId} ${fixture.topic} 0`]: 0,
    [`${fixture.groupId} ${fixture.topic} 1`]: 0,
  });
  ({ promise: reading, resolve: read } = Promise.withResolvers<void>()); // from now on the group reads nothing to its end

  // when
  const run = await fixture.rewind({ kind: "to-earliest" });

  // then
  expect(run).toMatchObject({ step: "follow" });
  expect(await seriesOf("projection_maintenance")).toEqual({ [`${fixture.groupId} replay`]: 1 });
  const [age] = Object.values(await seriesOf("projection_maintenance_seconds"));
  expect(age).toBeGreaterThan(0);
  expect(age).toBeLessThan(120);
  const lags = await seriesOf("kafka_consumergroup_lag");
  expect(Object.values(lags).reduce((sum, lag) => sum + lag, 0)).toBe(40);
  expect(await seriesOf("job_progress_ratio")).toEqual({ [`rewind ${fixture.groupId}`]: 0 });
  expect(await seriesOf("rewind_left_unfinished")).toEqual({ [fixture.groupId]: 0 });
  read();
  await eventually(
    () => seriesOf("job_progress_ratio"),
    (ratios) => ratios[`rewind ${fixture.groupId}`] === 1,
  );
  await followRun(fixture.parts, run.id, { signal: new AbortController().signal, everyMs: 20, onSight: () => {} });
  expect(await seriesOf("projection_maintenance")).toEqual({});
  expect(await seriesOf("job_progress_ratio")).toEqual({});
});

test("a rebuild is a watermark and a job while it is at a step; one that nobody goes on with is told", async () => {
  // given
  const { db } = fixture.parts;
  const run = "01a20af1-0000-4000-8000-000000000002";
  await db.query({
    text: `insert into rebuild_run (id, projection, generation, actor, new_index, new_table, old_index, old_table, step, audit_run, done, total)
           values ($1, 'things', 3, 'ann', 'i3', 't3', 'i2', 't2', 'load', $1, 100, 200)`,
    values: [run],
  });
  await db.query({
    text: `insert into read_model_lease (projection, run, operation, expires_at) values ('things', $1, 'rebuild start', now())`,
    values: [run],
  });

  // then
  expect(await seriesOf("projection_maintenance")).toEqual({ [`${fixture.groupId} rebuild start`]: 1 });
  expect(await seriesOf("job_progress_ratio")).toEqual({ "rebuild things": 0.325 });
  expect(await seriesOf("read_model_lease_held")).toEqual({ "things rebuild start": 1 });
  expect(await seriesOf("rebuild_left_unfinished")).toEqual({ things: 0 });
  await db.query({ text: "update read_model_lease set expires_at = now() - interval '3 minutes'" });
  expect(await seriesOf("rebuild_left_unfinished")).toEqual({ things: 1 });
  await db.query({ text: "update rebuild_run set step = null" }); // it waits for its swap
  expect(await seriesOf("projection_maintenance")).toEqual({});
  expect(await seriesOf("job_progress_ratio")).toEqual({});
  expect(await seriesOf("rebuild_left_unfinished")).toEqual({ things: 0 });
});
