import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { stackPaths } from "../stack/paths.ts";
import { claimHostFile, runningHost } from "./host-file.ts";
import { hostHealth } from "./host-health.ts";
import { stopHosts } from "./stop-hosts.ts";

/** Containers cannot see each other's processes: here each is a process whose name is all that the others go by. */
let stack: string;
beforeEach(() => {
  stack = `containers-${randomBytes(4).toString("hex")}`;
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(stackPaths(stack).state, { recursive: true, force: true });
});

const fileOf = (name: string): string => join(stackPaths(stack).state, "hosts", `${name}.json`);

const claimIn = async (container: string, name: string): Promise<ChildProcess> => {
  const env = { ...process.env, SLUICE_CONTAINER: container };
  const child = fork(join(import.meta.dirname, "testing/claim.ts"), [stack, name], { env });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "message");
  return child;
};

const crash = async (child: ChildProcess): Promise<void> => {
  child.kill("SIGKILL");
  await once(child, "exit");
};

const silentFor = (name: string, seconds: number): void => {
  const then = new Date(Date.now() - seconds * 1000);
  utimesSync(fileOf(name), then, then);
};

test("a host in another container is found, and nobody else may take its function", async () => {
  await claimIn("consumer", "api");
  vi.stubEnv("SLUICE_CONTAINER", "tool");
  expect(runningHost(stack, "api")).toMatchObject({ container: "consumer" });
  expect(() => claimHostFile(stack, ["api"])).toThrow(
    expect.objectContaining({ code: "host-runs", message: expect.stringContaining("by consumer") }),
  );
});

test("one that was killed is replaced at once in its own container", async () => {
  await crash(await claimIn("consumer", "api"));
  vi.stubEnv("SLUICE_CONTAINER", "consumer");
  const file = claimHostFile(stack, ["api"]);
  expect(runningHost(stack, "api")?.pid).toBe(process.pid);
  file.remove();
  expect(existsSync(fileOf("api"))).toBe(false);
});

test("one that was killed is taken for dead by the other containers when it has not been heard of for a while", async () => {
  await crash(await claimIn("consumer", "api"));
  vi.stubEnv("SLUICE_CONTAINER", "other");
  silentFor("api", 5);
  expect(runningHost(stack, "api")).toBeDefined();
  silentFor("api", 11);
  expect(runningHost(stack, "api")).toBeUndefined();
});

test("one that lives is heard of, and again after a while", async () => {
  await claimIn("consumer", "api");
  vi.stubEnv("SLUICE_CONTAINER", "tool");
  silentFor("api", 60);
  await vi.waitUntil(() => runningHost(stack, "api") !== undefined, { timeout: 60_000 });
});

test("on a plain machine, and in another container, no process of a container is stopped by its number", async () => {
  const child = await claimIn("consumer", "api");
  const said: string[] = [];
  vi.stubEnv("SLUICE_CONTAINER", "");
  await stopHosts(stack, (line) => said.push(line));
  expect(said).toEqual([]);
  expect(child.exitCode).toBeNull();
});

test("a container without a host is ill, and so is one whose host is starting", async () => {
  vi.stubEnv("SLUICE_CONTAINER", "tool");
  const health = () => hostHealth(stack, AbortSignal.timeout(5_000));
  await expect(health()).rejects.toMatchObject({ code: "host-ill", message: `no host of stack ${stack} runs here` });
  await claimIn("consumer", "outbox-publisher");
  await expect(health()).rejects.toMatchObject({ code: "host-ill" });
  const file = claimHostFile(stack, ["api"]);
  await expect(health()).rejects.toMatchObject({ code: "host-ill", message: "the host is still starting" });
  file.remove();
});
