import { fork } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, test, vi } from "vitest";
import { silentLog } from "../../../shared/observability/logger.ts";
import { type FunctionPool, type FunctionPoolOptions, startFunctionPool } from "./function-pool.ts";
import { PAYLOAD_LIMIT_BYTES } from "./messages.ts";

const handlerFile = "scripts/host/testing/many-ways.ts";
const spec = { name: "many-ways", handlerFile, timeoutMs: 20_000, concurrency: 1 };
const environment = { PATH: process.env["PATH"] ?? "", AWS_LAMBDA_FUNCTION_NAME: "many-ways" };
const pools: FunctionPool[] = [];
const lines: string[] = [];

const start = (options: Partial<FunctionPoolOptions> = {}): FunctionPool => {
  const onLine = (line: string) => void lines.push(line);
  const backoff = { firstMs: 10, maxMs: 50 };
  const pool = startFunctionPool({ spec, environment, onLine, log: silentLog, backoff, ...options });
  pools.push(pool);
  return pool;
};

const invoke = async (pool: FunctionPool, event: unknown) => {
  const result = await pool.invoke(JSON.stringify(event));
  return result.ok ? JSON.parse(result.payload) : result;
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.stop(2000)));
  lines.length = 0;
});

describe("an invocation", () => {
  test("takes JSON and answers JSON; nothing returned is null", async () => {
    const pool = start();
    expect(await invoke(pool, { a: [1, "ü"] })).toEqual({ a: [1, "ü"] });
    expect(await invoke(pool, { do: "log" })).toBeNull();
  });

  test("has a context whose remaining time runs down to the function's timeout", async () => {
    const pool = start({ environment: { ...environment, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512" } });
    const context = await invoke(pool, { do: "context" });
    expect(context).toMatchObject({ functionName: "many-ways", memoryLimitInMB: "512" });
    expect(context.awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(context.first).toBeLessThanOrEqual(20_000);
    expect(context.first).toBeGreaterThan(15_000);
    expect(context.later).toBeLessThan(context.first);
  });

  test("sees the environment it is given and nothing of the host's", async () => {
    vi.stubEnv("SECRET_OF_THE_HOST", "x");
    const seen = await invoke(start(), { do: "environment" });
    vi.unstubAllEnvs();
    const { NODE_CHANNEL_FD, NODE_CHANNEL_SERIALIZATION_MODE, ...own } = seen; // Node's own, for IPC
    expect(own).toEqual(environment);
  });

  test("that throws is told as Lambda tells it, and the process lives on", async () => {
    const pool = start();
    const failed = await invoke(pool, { do: "throw" });
    expect(failed).toMatchObject({
      ok: false,
      reason: "function",
      error: { errorType: "StrangeError", errorMessage: "as asked" },
    });
    expect(failed.error.trace.join("\n")).toContain("caused by Error: the reason");
    expect(await invoke(pool, { still: "here" })).toEqual({ still: "here" });
    expect(pool.status().restarts).toBe(0);
  });

  test.each(["sleep", "spin"] as const)(
    "that takes too long (%s) is killed with its process, and a new one comes",
    async (how) => {
      const pool = start({ spec: { ...spec, timeoutMs: 300 } });
      const failed = await invoke(pool, { do: how, ms: 60_000 });
      expect(failed).toMatchObject({ ok: false, reason: "function", error: { errorType: "Sandbox.Timedout" } });
      expect(failed.error.errorMessage).toMatch(/Task timed out after 0\.30 seconds$/);
      await vi.waitFor(async () => expect(await invoke(pool, { again: 1 })).toEqual({ again: 1 }), { timeout: 10_000 });
    },
  );

  test("whose process dies fails, and a new process comes", async () => {
    const pool = start();
    const failed = await invoke(pool, { do: "exit" });
    expect(failed).toMatchObject({ ok: false, reason: "function", error: { errorType: "Runtime.ExitError" } });
    expect(failed.error.errorMessage).toContain("exit status 7");
    await vi.waitFor(async () => expect(await invoke(pool, { again: 1 })).toEqual({ again: 1 }), { timeout: 10_000 });
    expect(pool.status().restarts).toBe(1);
  });

  test("is refused over 6 MB, before anything is started", async () => {
    const pool = start();
    const payload = (bytes: number) => `"${"x".repeat(bytes - 2)}"`;
    expect(await pool.invoke(payload(PAYLOAD_LIMIT_BYTES))).toMatchObject({ ok: true });
    expect(await pool.invoke(payload(PAYLOAD_LIMIT_BYTES + 1))).toMatchObject({ ok: false, reason: "too-large" });
  });

  test("whose answer is over 6 MB fails", async () => {
    const pool = start();
    expect(await invoke(pool, { do: "big", bytes: PAYLOAD_LIMIT_BYTES })).toMatchObject({
      ok: false,
      error: { errorType: "Function.ResponseSizeTooLarge" },
    });
    expect(await invoke(pool, { do: "big", bytes: PAYLOAD_LIMIT_BYTES - 2 })).toHaveLength(PAYLOAD_LIMIT_BYTES - 2);
  });
});

describe("processes", () => {
  test("one has one invocation at a time; more are started up to the concurrency, and then invocations wait", async () => {
    // given
    const pool = start({ spec: { ...spec, concurrency: 2 } });

    // when
    const answers = await Promise.all([1, 2, 3, 4].map(() => invoke(pool, { do: "sleep", ms: 300 })));

    // then
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(2);
    expect(answers.map(({ together }) => together)).toEqual([1, 1, 1, 1]);
    expect(pool.status().pids).toHaveLength(2);
  });

  test("one beyond the first ends when it has had nothing to do", async () => {
    const pool = start({ spec: { ...spec, concurrency: 2 }, idleMs: 100 });
    await Promise.all([1, 2].map(() => invoke(pool, { do: "sleep", ms: 300 })));
    await vi.waitFor(() => expect(pool.status().pids).toHaveLength(1), { timeout: 10_000 });
    expect(await invoke(pool, { still: "here" })).toEqual({ still: "here" });
  });

  test("a refused start is told in one line with the remedy, and is tried again with growing waits", async () => {
    const said: unknown[] = [];
    const log = {
      ...silentLog,
      error: (...line: unknown[]) => void said.push(line),
      warn: (line: string) => void said.push(line),
    };
    const pool = start({
      environment: { ...environment, REFUSES_TO_START: "1" },
      log,
      backoff: { firstMs: 20, maxMs: 1000 },
    });
    await vi.waitFor(() => expect(pool.status().restarts).toBeGreaterThanOrEqual(2), { timeout: 10_000 });
    expect(said.slice(0, 4)).toEqual([
      ["configuration: DATABASE_URL is not set", { hint: "set it" }],
      "its process ended (exit status 1); a new one starts in 20 ms",
      ["configuration: DATABASE_URL is not set", { hint: "set it" }],
      "its process ended (exit status 1); a new one starts in 40 ms",
    ]);
  });

  test("while none can be started, an invocation is answered at once: unavailable", async () => {
    const pool = start({
      environment: { ...environment, DIES_AT_START: "1" },
      backoff: { firstMs: 60_000, maxMs: 60_000 },
    });
    expect(await invoke(pool, {})).toMatchObject({ ok: false, reason: "unavailable" });
    expect(pool.status().state).toBe("restarting");
    expect(await invoke(pool, {})).toMatchObject({ ok: false, reason: "unavailable" });
  });

  test("stop lets the invocation in hand end, and the function hears SIGTERM", async () => {
    const pool = start({ environment: { ...environment, HEARS_SIGTERM: "1" } });
    await invoke(pool, { ready: 1 });
    const inHand = invoke(pool, { do: "sleep", ms: 1500 }); // longer than a function may take after its last invocation
    await Promise.all([vi.waitFor(() => expect(pool.status().invocations).toBe(2)), pool.stop(5000)]);
    expect(await inHand).toHaveProperty("pid");
    expect(lines).toContain("released");
    expect(pool.status()).toMatchObject({ state: "stopped", pids: [] });
  });

  test("stop kills after the grace", async () => {
    const pool = start();
    await invoke(pool, {});
    const inHand = invoke(pool, { do: "spin" });
    await pool.stop(200);
    expect(await inHand).toMatchObject({ ok: false, error: { errorType: "Runtime.ExitError" } });
  });
});

test("when the host is killed by SIGKILL its functions end", async () => {
  // given
  const host = fork("scripts/host/testing/host-of-one.ts", { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [pid] = (await once(host, "message")) as [number];
  expect(isAlive(pid)).toBe(true);

  // when
  host.kill("SIGKILL");

  // then
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5000 });
});

test("renewed, it has another process; what the old one is at is ended and answered, and nothing is reported as a fault", async () => {
  // given
  const told: string[] = [];
  const log = {
    ...silentLog,
    warn: (line: string) => void told.push(line),
    error: (line: string) => void told.push(line),
  };
  const pool = start({ log });
  await invoke(pool, {});
  const before = pool.status().pids;
  const inHand = invoke(pool, { do: "sleep", ms: 50 }); // ends before another process can be there

  // when
  const renewed = pool.renew(5000);
  const next = invoke(pool, { do: "sleep", ms: 1 });
  await renewed;

  // then
  expect(await inHand).toMatchObject({ pid: before[0] });
  expect(before.filter(isAlive)).toEqual([]);
  expect(await next).toMatchObject({ pid: expect.any(Number) });
  expect(await next).not.toMatchObject({ pid: before[0] });
  expect(pool.status()).toMatchObject({ state: "ready", restarts: 0, errors: 0, pids: [expect.any(Number)] });
  expect(told).toEqual([]);
});
