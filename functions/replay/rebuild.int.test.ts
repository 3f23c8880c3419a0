import { afterAll, beforeAll, expect, test } from "vitest";
import { localMachine } from "../../scripts/sluice/testing/local-executions.ts";
import {
  openRebuildFixture,
  type RebuildFixture,
  someProducts,
} from "../../shared/catalogue/testing/rebuild-fixture.ts";
import { silentLog } from "../../shared/observability/logger.ts";
import { silentMeter } from "../../shared/observability/metrics.ts";
import { findHolder } from "../../shared/operations/read-model-lease/find-holder.ts";
import { takeLease } from "../../shared/operations/read-model-lease/take-lease.ts";
import { findNewestRebuild } from "../../shared/operations/rebuild/find-rebuild.ts";
import type { Driver } from "../../shared/operations/replay-machine/driver.ts";
import type { MachineState } from "../../shared/operations/replay-machine/machine-state.ts";
import { rebuildDriver } from "../../shared/operations/replay-machine/rebuild-driver.ts";
import { createReplayMachine, type TaskEvent } from "../../shared/operations/replay-machine/replay-machine.ts";

const projection = "product-event-projection";
let fixture: RebuildFixture;
beforeAll(async () => {
  fixture = await openRebuildFixture();
  await someProducts(fixture, 120);
  await fixture.caughtUp();
});
afterAll(() => fixture?.[Symbol.asyncDispose]());

/** The machine of the file on read models of the test's own. */
const run = async (order: object, { taskMs = 60_000, onTask = (_state: string): void => {} } = {}) => {
  const rebuild = rebuildDriver({ ...fixture.parts, pageSize: 20 });
  const ports = { log: silentLog, meter: silentMeter, drivers: { rebuild, rewind: {} as Driver } };
  const work = createReplayMachine(ports);
  const machine = localMachine("functions/replay/replay.asl.json", (payload, state) => {
    onTask(state);
    return work(payload as TaskEvent, AbortSignal.timeout(taskMs));
  });
  const execution = machine.start({ kind: "rebuild", order: { actor: "ann", ...order } });
  await execution.over;
  return Object.assign(execution, { state: execution.output as MachineState });
};

const newest = () => findNewestRebuild(fixture.db, projection);

test("a build goes on from task to task, the swap follows, and what it replaces is retired", async () => {
  const built = await run({ course: "build", reason: "as asked" }, { taskMs: 40 });
  expect(built).toMatchObject({ status: "SUCCEEDED", state: { status: "done", said: "it is ready" } });
  expect(built.entered.filter((name) => name === "Advance").length).toBeGreaterThan(2);
  expect(await newest()).toMatchObject({ id: built.state.run, course: "build", actor: "ann", differences: [] });

  expect(await run({ course: "swap" })).toMatchObject({ state: { said: "it is swapped" } });
  expect(await run({ course: "rollback" })).toMatchObject({ state: { said: "it is rolled-back" } });
  expect(await run({ course: "retire" })).toMatchObject({ state: { said: "it is retired" } });
  expect(await findHolder(fixture.db, projection)).toBeUndefined();
});

test.each([
  [{ course: "swap" }, "wrong-state", "does not follow"],
  [{ course: "sideways" }, "usage", "the order is none"],
  [{ course: "swap", force: true }, "usage", "force"],
])("refused, with the rule quoted: %j", async (order, error, cause) => {
  const ended = await run(order);
  expect(ended).toMatchObject({ status: "FAILED", error, cause: expect.stringContaining(cause) });
  expect(ended.entered).not.toContain("Advance");
});

test("what holds it up is waited for; a task that is killed each time leaves it where it was, for the same order", async () => {
  // given: another process is at work on the read model, and gone after a while
  let looks = 0;
  const held = await run(
    { course: "build" },
    {
      onTask: (state) => {
        if (state === "Advance" && looks++ === 0) void occupy();
        if (state === "Advance" && looks === 3) throw Object.assign(new Error("signal: killed"), { name: "Killed" });
      },
    },
  );
  expect(held).toMatchObject({ status: "SUCCEEDED" });

  const killed = await run(
    { course: "abort" },
    {
      onTask: (state) => {
        if (state === "Advance") throw Object.assign(new Error("signal: killed"), { name: "Killed" });
      },
    },
  );
  expect(killed).toMatchObject({
    status: "FAILED",
    error: "task-failed",
    cause: expect.stringContaining("once more goes on"),
  });
  expect(await run({ course: "abort" })).toMatchObject({ status: "SUCCEEDED", state: { said: "it is aborted" } });
  expect(await findHolder(fixture.db, projection)).toBeUndefined();
});

const occupy = async () => {
  const run = (await newest())?.id as string;
  await takeLease(fixture.db, { projection, run, operation: "rebuild start", owner: "another", leaseMs: 300 });
};
