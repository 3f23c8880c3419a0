import { fork } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findHolder } from "../read-model-lease/find-holder.ts";
import { followRun } from "./follow-run.ts";
import { listRuns } from "./list-runs.ts";
import { backSteps, forwardSteps } from "./rewind-run.ts";
import { resumeRun } from "./start-run.ts";
import type { ChildOrder } from "./testing/rewind-child.ts";
import { openRewindFixture, type RewindFixture } from "./testing/rewind-fixture.ts";

let fixture: RewindFixture;
beforeAll(async () => {
  fixture = await openRewindFixture();
  await fixture.publish(Array.from({ length: 40 }, (_, index) => ({ key: `k${index}`, value: "v", headers: [] })));
  await fixture.caughtUp();
});
afterAll(() => fixture?.close());

/** Returns when the child has ended by its own hand. */
const killedAt = async (order: Pick<ChildOrder, "killAt" | "failAt">): Promise<void> => {
  const child = fork(
    new URL("./testing/rewind-child.ts", import.meta.url),
    [JSON.stringify({ ...fixture.addresses, ...order })],
    { execArgv: [] },
  );
  const [, signal] = await once(child, "exit");
  expect(signal).toBe("SIGKILL");
};

const registered = async () => (await fixture.parts.db.query({ text: "select run from projection_rewind" })).rows;
const signal = new AbortController().signal;

/** What must be so when all is over. */
const expectSettled = async (): Promise<void> => {
  expect(fixture.mapping.status().state).toBe("Enabled");
  expect(await findHolder(fixture.parts.db, "things")).toBeUndefined();
  expect(await registered()).toEqual([]);
  expect(await fixture.committed()).toEqual(await fixture.ends());
};

const around = (course: string, steps: readonly string[]) =>
  steps.flatMap((step) => [`${course}: before ${step}`, `${course}: after ${step}`]);

const watched = new Set(["follow"]); // it changes nothing

test.each(
  around(
    "forward",
    forwardSteps.filter((step) => !watched.has(step)),
  ),
)("killed %s: the same command once more finishes, and the mapping is on", async (killAt) => {
  // given
  const before = fixture.delivered();
  await killedAt({ killAt });

  // when
  const run = await fixture.rewind({ kind: "to-earliest" });
  const ended = await followRun(fixture.parts, run.id, { signal, everyMs: 20, onSight: () => {} });

  // then: one run, which the second process ended, and all was read again
  expect(ended).toMatchObject({ outcome: "done", actor: "child" });
  expect((await listRuns(fixture.parts.db, 1))[0]?.id).toBe(run.id);
  expect(fixture.delivered() - before).toBeGreaterThanOrEqual(40);
  await expectSettled();
});

test.each(around("back", backSteps))(
  "killed %s, when it failed and was putting back: taken up it restores, and the mapping is on",
  async (killAt) => {
    // given
    await killedAt({ killAt, failAt: "forward: after commit" });
    const [left] = await listRuns(fixture.parts.db, 1);

    // when
    const resumed = resumeRun(fixture.parts, { id: left?.id as string, actor: "ann" }, signal);

    // then
    await expect(resumed).rejects.toMatchObject({ message: expect.stringContaining("as they were found") });
    expect((await listRuns(fixture.parts.db, 1))[0]).toMatchObject({ id: left?.id, outcome: "restored" });
    await expectSettled();
  },
);

test("killed before the commit, and the mapping came on since: it is disabled once more before the offsets are set", async () => {
  // given
  await killedAt({ killAt: "forward: before commit" });
  fixture.mapping.enable();
  await fixture.mapping.reached("Enabled");

  // when
  const run = await fixture.rewind({ kind: "to-earliest" });
  const ended = await followRun(fixture.parts, run.id, { signal, everyMs: 20, onSight: () => {} });

  // then
  expect(ended).toMatchObject({ outcome: "done", actor: "child" });
  await expectSettled();
});
