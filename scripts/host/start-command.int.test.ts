import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { createDatabase, type TestDatabase } from "../../shared/testing/database.ts";
import { runStack } from "../../shared/testing/stack-command.ts";
import { isRunning, type ProcessRef, processTree, waitUntilEnded } from "../stack/process-identity.ts";
import { runningHost, runningHosts } from "./host-file.ts";

const soon = { timeout: 60_000, interval: 50 };
let database: TestDatabase;
let name: string;
const started: ChildProcess[] = [];

beforeEach(async () => {
  database = await createDatabase();
  name = `start-${randomBytes(4).toString("hex")}`;
});

afterEach(async () => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
  await database.drop();
  rmSync(`.sluice/${name}`, { recursive: true, force: true });
});

type Started = {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  output(): string;
};

/** `npm start` with the addresses of database and broker in the environment, and none for OpenSearch. */
const start = (...args: string[]): Started => {
  const { OPENSEARCH_URL: _none, ...env } = process.env;
  const child = spawn(process.execPath, ["scripts/start.ts", "--name", name, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...env, DATABASE_URL: database.url, KAFKA_BROKERS: inject("stack").kafkaBrokers },
  });
  started.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (more) => (output += more));
  const ended = new Promise<Awaited<Started["ended"]>>((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal })),
  );
  return { child, ended, output: () => output };
};

const startPublisher = async (): Promise<Started & { readonly tree: readonly ProcessRef[] }> => {
  const run = start("--only", "outbox-publisher");
  await vi.waitFor(() => expect(run.output()).toContain("running outbox-publisher"), soon);
  await vi.waitFor(() => expect(processTree(run.child.pid as number)).toHaveLength(2), soon);
  return { ...run, tree: processTree(run.child.pid as number) };
};

test("with the addresses given it starts no local part, and Ctrl-C leaves nothing behind", async () => {
  // given: the host and one function are all that runs
  const run = await startPublisher();
  expect(existsSync(`.sluice/${name}/state.json`)).toBe(false);
  expect(JSON.parse(readFileSync(`.sluice/${name}/hosts/outbox-publisher.json`, "utf8"))).toMatchObject({
    pid: run.child.pid,
    functions: ["outbox-publisher"],
  });

  // when
  run.child.kill("SIGINT");

  // then
  expect(await run.ended).toEqual({ code: 0, signal: null });
  expect(run.tree.filter(isRunning)).toEqual([]);
  expect(existsSync(`.sluice/${name}/hosts/outbox-publisher.json`)).toBe(false);
});

test("a Ctrl-C that npm passes on once more is one: it ends in order", async () => {
  const run = await startPublisher();
  run.child.kill("SIGINT");
  await vi.waitFor(() => expect(run.output()).toContain("stopping"), { ...soon, interval: 1 });
  run.child.kill("SIGINT");
  expect(await run.ended).toEqual({ code: 0, signal: null });
  expect(run.tree.filter(isRunning)).toEqual([]);
});

test("killed by SIGKILL it leaves no process, and the next start takes its place", async () => {
  const killed = await startPublisher();
  killed.child.kill("SIGKILL");
  expect(await waitUntilEnded(killed.tree, 10_000)).toBe(true);
  const next = await startPublisher();
  next.child.kill("SIGTERM");
  expect(await next.ended).toEqual({ code: 0, signal: null });
});

test("a second host of a function is refused, and the first goes on; hosts of other functions run beside it", async () => {
  // given
  const first = await startPublisher();
  const second = start("--only", "reservation-sweeper,outbox-publisher");

  // then
  expect((await second.ended).code).toBe(1);
  expect(second.output()).toContain(
    `outbox-publisher of stack ${name} is hosted already: by process ${first.child.pid}`,
  );
  expect(second.output()).toContain("--name");
  expect(first.tree.every(isRunning)).toBe(true);

  // when
  const third = start("--only", "reservation-sweeper");
  await vi.waitFor(() => expect(third.output()).toContain("running reservation-sweeper"), soon);

  // then
  expect(runningHosts(name).map(({ pid }) => pid)).toEqual([first.child.pid, third.child.pid]);
  expect(runningHost(name, "reservation-sweeper")).toMatchObject({ functions: ["reservation-sweeper"] });
});

test("`stack restart` gives one function new processes, and its host goes on", async () => {
  const run = await startPublisher();
  const before = run.tree.find(({ pid }) => pid !== run.child.pid) as ProcessRef;

  const { code, stdout } = await runStack(["restart", "outbox-publisher", "--name", name]);

  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^outbox-publisher: restarted, /) });
  expect(isRunning(before)).toBe(false);
  const after = processTree(run.child.pid as number).filter(({ pid }) => pid !== run.child.pid);
  expect(after.length).toBeGreaterThan(0); // two, if the next minute's invocation has begun
  expect(after.map(({ pid }) => pid)).not.toContain(before.pid);
  expect(run.output()).not.toContain("its process ended");
});

test.each([
  ["nobody", "there is no function named nobody; the functions are api, "],
  ["api", "does not run on this machine; start it by `npm start -- --only api`"],
])("`stack restart %s` says what there is", async (functionName, said) => {
  const { code, stderr } = await runStack(["restart", functionName, "--name", name]);
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(said) });
});

test("`stack down` from another terminal ends every host, as Ctrl-C does", async () => {
  const publisher = await startPublisher();
  const sweeper = start("--only", "reservation-sweeper");
  await vi.waitFor(() => expect(sweeper.output()).toContain("running reservation-sweeper"), soon);

  const { code, stdout } = await runStack(["down", "--name", name]);

  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`host ${publisher.child.pid} (outbox-publisher): stopped`),
  });
  expect(await Promise.all([publisher.ended, sweeper.ended])).toEqual(Array(2).fill({ code: 0, signal: null }));
  expect(publisher.tree.filter(isRunning)).toEqual([]);
  expect(runningHosts(name)).toEqual([]);
});

test("a function that dies comes again while the host runs", async () => {
  const run = await startPublisher();
  const before = run.tree.find(({ pid }) => pid !== run.child.pid) as ProcessRef;
  process.kill(before.pid, "SIGKILL");
  await vi.waitFor(() => {
    const after = processTree(run.child.pid as number).filter(({ pid }) => pid !== run.child.pid);
    expect(after).toHaveLength(1);
    expect(after[0]?.pid).not.toBe(before.pid);
  }, soon);
  expect(run.output()).toMatch(
    /outbox-publisher \| WARN its process ended \(signal: SIGKILL\); a new one starts in \d+ ms/,
  );
});

test("a taken port is told before anything is started", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as { port: number };
  const run = start("--only", "api", "--port", String(port));
  expect((await run.ended).code).toBe(1);
  expect(run.output()).toContain(`port ${port} is taken by`);
  expect(run.output()).toContain("`--port` or PORT");
  expect(existsSync(`.sluice/${name}/state.json`)).toBe(false);
  other.close();
});

test.each([
  ["an unknown function", ["--only", "nobody"], "the functions are api, probes, outbox-publisher"],
  ["no port", ["--port", "x"], "port"],
  ["an unknown option", ["--what"], "unknown option"],
])("%s ends it with 2 and what there is", async (_name, args, said) => {
  const run = start(...args);
  expect((await run.ended).code).toBe(2);
  expect(run.output()).toContain(said);
});
