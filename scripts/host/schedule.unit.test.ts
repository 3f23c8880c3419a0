import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silentLog } from "../../shared/observability/logger.ts";
import type { InvocationResult } from "./process/function-process.ts";
import { type Schedule, startSchedule } from "./schedule.ts";

const success: InvocationResult = { ok: true, payload: "null" };
const failure: InvocationResult = { ok: false, reason: "function", error: { errorType: "E", errorMessage: "m" } };

let schedule: Schedule | undefined;
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  schedule?.stop();
  vi.useRealTimers();
});

/** Every invocation of the schedule, to be ended by the test. */
const start = (concurrency = 2, paused = false) => {
  const running: { payload: string; end(result: InvocationResult): Promise<unknown> }[] = [];
  const invoke = (payload: string) => {
    const { promise, resolve } = Promise.withResolvers<InvocationResult>();
    const end = (result: InvocationResult) => {
      resolve(result);
      return vi.advanceTimersByTimeAsync(0);
    };
    running.push({ payload, end });
    return promise;
  };
  const spec = { concurrency, trigger: { everyMs: 60_000, input: { of: "ours" } } };
  schedule = startSchedule({ spec, pool: { invoke }, log: silentLog, retry: { firstMs: 500, maxMs: 1000 }, paused });
  return running;
};

test("the first comes at once, the next at the rate though the one before still runs", async () => {
  const running = start();
  expect(running.map(({ payload }) => payload)).toEqual(['{"of":"ours"}']);
  await vi.advanceTimersByTimeAsync(59_999);
  expect(running).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(running).toHaveLength(2);
});

test("a turn with all processes busy is dropped, not kept for later", async () => {
  const running = start(1);
  await vi.advanceTimersByTimeAsync(180_000);
  expect(running).toHaveLength(1);
  await running[0]?.end(success);
  expect(running).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(running).toHaveLength(2);
});

test("after a failure the next comes after a growing wait", async () => {
  const running = start();
  await running[0]?.end(failure);
  await vi.advanceTimersByTimeAsync(500);
  expect(running).toHaveLength(2);
  await running[1]?.end(failure);
  await vi.advanceTimersByTimeAsync(999);
  expect(running).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(running).toHaveLength(3);
  await running[2]?.end(success);
  await vi.advanceTimersByTimeAsync(50_000);
  expect(running).toHaveLength(3);
});

test("a failure while another still runs is left to the next turn", async () => {
  const running = start();
  await vi.advanceTimersByTimeAsync(60_000);
  await running[0]?.end(failure);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(running).toHaveLength(2);
});

test("stopped, it invokes no more", async () => {
  const running = start();
  await running[0]?.end(failure);
  schedule?.stop();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(running).toHaveLength(1);
});

test("paused, it begins nothing, not even after a failure; resumed, it invokes at once and then at its rate", async () => {
  const running = start();
  schedule?.pause();
  await running[0]?.end(failure);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(running).toHaveLength(1);

  schedule?.resume();
  schedule?.resume();
  expect(running).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(running).toHaveLength(3);
});

test("begun paused, its first invocation comes when it is resumed", async () => {
  const running = start(2, true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(running).toHaveLength(0);
  schedule?.resume();
  expect(running).toHaveLength(1);
});
