import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { query } from "../../shared/testing/database.ts";
import { runStack, stackName, startNode } from "../../shared/testing/stack-command.ts";
import { startInDocker } from "./docker-part.ts";
import { stackPaths } from "./paths.ts";
import { answers } from "./ports.ts";
import { isRunning, type ProcessRef, processIdentity, refTo } from "./process-identity.ts";
import type { PartStatus } from "./stack-status.ts";
import { readState } from "./state.ts";

/** Only PostgreSQL is the test's own; the rest is given, which makes it fast. */
const given = () => {
  const { kafkaBrokers, openSearchUrl } = inject("stack");
  return { KAFKA_BROKERS: kafkaBrokers, OPENSEARCH_URL: openSearchUrl };
};

const ownStack = (env: Readonly<Record<string, string>> = {}): string => {
  const name = stackName();
  onTestFinished(async () => void (await runStack(["reset", "--name", name], env)));
  return name;
};

/** A folder with a `docker` that brings up a real PostgreSQL where the image would be, see docker-stand-in.ts. */
const dockerStandIn = (): string => {
  const bin = mkdtempSync(join(tmpdir(), "sluice-docker-"));
  onTestFinished(() => rmSync(bin, { recursive: true }));
  const standIn = new URL("../../shared/testing/docker-stand-in.ts", import.meta.url).pathname;
  const script = `#!/bin/sh\nexec "${process.execPath}" "${standIn}" "${bin}" "$@"\n`;
  writeFileSync(join(bin, "docker"), script, { mode: 0o755 });
  return bin;
};

const addressIn = (stdout: string): string => /^DATABASE_URL=(.*)$/m.exec(stdout)?.[1] ?? "";

const statusOf = async (name: string): Promise<PartStatus[]> =>
  JSON.parse((await runStack(["status", "--json", "--name", name], given())).stdout);

test("two names run side by side, each with its data, and two starts of one name make one", async () => {
  // given
  const [one, other] = [ownStack(), ownStack()];

  // when
  const [first, second, third] = await Promise.all([
    runStack(["up", "--name", one], given()),
    runStack(["up", "--name", other], given()),
    runStack(["up", "--name", other], given()),
  ]);

  // then
  expect([first.code, second.code, third.code]).toEqual([0, 0, 0]);
  expect(addressIn(first.stdout)).not.toBe(addressIn(second.stdout));
  expect(addressIn(third.stdout)).toBe(addressIn(second.stdout));
  expect(`${second.stdout}${third.stdout}`.match(/^postgres: up at/gm)).toHaveLength(1);
  await query(addressIn(first.stdout), "create table mine (id int)");
  expect(await query(addressIn(second.stdout), "select from pg_tables where tablename = 'mine'")).toEqual([]);

  // and one stopped leaves the other
  expect((await runStack(["down", "--name", one], given())).stdout).toContain("postgres: stopped");
  expect((await statusOf(one))[0]).toMatchObject({ part: "postgres", up: false });
  expect((await statusOf(other))[0]).toMatchObject({ part: "postgres", way: "embedded", up: true });

  // and its data is kept until it is reset
  const again = await runStack(["up", "--name", one], given());
  expect(await query(addressIn(again.stdout), "select count(*)::int as count from mine")).toEqual([{ count: 0 }]);
  const reset = await runStack(["reset", "--name", one]);
  expect(reset.stdout).toContain(`.sluice/${one}`);
  expect(existsSync(stackPaths(one).state)).toBe(false);
});

test("a port that was asked for and is taken is one line that says by whom and what to do", async () => {
  // given
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const name = ownStack();

  // when
  const byFlag = await runStack(["up", "--name", name, "--postgres-port", String(port)], given());
  const byVariable = await runStack(["up", "--name", name], { ...given(), SLUICE_POSTGRES_PORT: String(port) });

  // then
  for (const { code, stderr } of [byFlag, byVariable]) {
    expect(code).toBe(1);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(
      new RegExp(`port ${port} for postgres is taken by .*process ${process.pid}.*--postgres-port`),
    );
  }
  expect(readState(stackPaths(name)).parts).toEqual({});
});

test("a missing Java is one line with the remedy, before anything is started", async () => {
  const name = ownStack();
  const { code, stderr } = await runStack(["up", "--name", name], {
    PATH: dirname(process.execPath),
    JAVA_HOME: undefined,
  });
  expect(code).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toMatch(/need Java 17.*install Java 17.*Maven.*Docker.*DATABASE_URL/);
  expect(readState(stackPaths(name)).parts).toEqual({});
});

test("a state file that names another's process is not believed: it is neither up nor killed", async () => {
  // given the pid of a living process, remembered from before a reboot
  const bystander = startNode(["--eval", "setInterval(() => {}, 1e6)"]);
  onTestFinished(() => void bystander.kill("SIGKILL"));
  const living = refTo(bystander.pid as number) as ProcessRef;
  const name = ownStack();
  const paths = stackPaths(name);
  const stale = { way: "embedded", address: "postgres://127.0.0.1:1/x", port: 1, pid: living.pid, identity: "before" };
  mkdirSync(paths.state, { recursive: true });
  writeFileSync(paths.stateFile, JSON.stringify({ parts: { postgres: stale } }));

  // when, then
  expect((await statusOf(name))[0]).toMatchObject({ up: false });
  expect((await runStack(["down", "--name", name])).stdout).toContain("postgres: had ended already");
  expect(isRunning(living)).toBe(true);
});

test("a lock of a process that has ended holds nobody up", async () => {
  const name = ownStack();
  const paths = stackPaths(name);
  mkdirSync(dirname(paths.lockFile), { recursive: true });
  writeFileSync(paths.lockFile, JSON.stringify({ pid: process.pid, identity: `not ${processIdentity(process.pid)}` }));
  expect(await runStack(["down", "--name", name])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("nothing"),
  });
});

test("reset refuses when an address is given, and says which", async () => {
  const { code, stderr } = await runStack(["reset", "--name", stackName()], { DATABASE_URL: "postgres://elsewhere/x" });
  expect(code).toBe(1);
  expect(stderr).toMatch(/DATABASE_URL gives the address/);
});

test.each([
  [["dwon"], /unknown command 'dwon'/],
  [["up", "--name", "../x"], /cannot be the name of a stack/],
  [["up", "--kafka-port", "x"], /--kafka-port is "x", not a port/],
  [["logs", "kafak"], /the parts are postgres, kafka, opensearch/],
])("%j is refused with a word on why", async (args, why) => {
  const { code, stderr } = await runStack(args);
  expect(code).toBe(1);
  expect(stderr).toMatch(why);
});

test("a password that was given is not printed", async () => {
  const { stdout } = await runStack(["status"], { ...given(), DATABASE_URL: "postgres://me:secret@127.0.0.1:1/x" });
  expect(stdout).toContain("postgres://me:***@127.0.0.1:1/x");
  expect(stdout).not.toContain("secret");
});

test("with Docker, compose is started in the foreground, goes on after `up`, and is taken down", async () => {
  // given
  const path = `${dockerStandIn()}:${process.env["PATH"]}`;
  const env = { ...given(), PATH: path };
  const name = ownStack({ PATH: path });

  // when
  const up = await runStack(["up", "--name", name], env);

  // then
  expect(up.stderr).toBe("");
  expect(up.stdout).toContain("postgres by Docker compose");
  const state = readState(stackPaths(name)).parts.postgres;
  expect(state).toMatchObject({ way: "docker", address: addressIn(up.stdout) });
  expect(await query(addressIn(up.stdout), "select 1 as one")).toEqual([{ one: 1 }]);
  const logs = await runStack(["logs", "postgres", "--lines", "2", "--name", name], env);
  expect(logs).toEqual({ code: 0, stdout: "four\nfive\n", stderr: "" });
  expect((await runStack(["up", "--name", name], env)).stdout).toContain("already up");

  // and
  const down = await runStack(["down", "--name", name], env);
  expect(down.stdout).toContain("postgres: stopped");
  expect(state && isRunning(state)).toBe(false);

  // and its data is Docker's, so it cannot be deleted while Docker does not answer
  const { code, stderr } = await runStack(["reset", "--name", name], { PATH: dirname(process.execPath) });
  expect(code).toBe(1);
  expect(stderr).toMatch(/ran in Docker, which does not answer now; start Docker/);
});

test("a part that runs in Docker alone can crash and come back with its data", async () => {
  // given
  const bin = dockerStandIn();
  vi.stubEnv("PATH", `${bin}:${process.env["PATH"]}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  const part = await startInDocker("postgres", { dir: join(bin, "part") });
  onTestFinished(() => part.remove());
  await query(part.address, "create table kept (id int); insert into kept values (1)");

  // when
  await part.kill();
  expect(await answers(part.port)).toBe(false);
  await part.start();

  // then
  expect(await query(part.address, "select id from kept")).toEqual([{ id: 1 }]);

  // and removed, it leaves nothing of its project: no container, no network, no volume
  await part.remove();
  expect(await answers(part.port)).toBe(false);
  const calls = readFileSync(join(bin, "calls"), "utf8").trimEnd().split("\n");
  const up = JSON.parse(calls.find((call) => call.includes('"up"')) as string) as string[];
  expect(JSON.parse(calls.at(-1) as string)).toEqual([...up.slice(0, up.indexOf("up")), "down", "--volumes"]);
});
