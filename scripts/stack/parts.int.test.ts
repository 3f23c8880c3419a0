import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { query } from "../../shared/testing/database.ts";
import { withAdmin } from "../../shared/testing/kafka-topic.ts";
import { ensureJars } from "./jars.ts";
import { startKafka } from "./kafka.ts";
import { answers } from "./ports.ts";
import { startPostgres } from "./postgres.ts";

const folder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), "sluice-part-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

test("PostgreSQL that was killed or stopped starts again at the same address with what was committed", async () => {
  // given a folder in which only root may look around, as a clone under /root is, and an initdb that was interrupted
  const dir = join(folder(), "postgres");
  mkdirSync(join(dir, "data.part"), { recursive: true });
  writeFileSync(join(dir, "data.part", "PG_VERSION"), "17\n");
  const part = await startPostgres({ dir });
  onTestFinished(() => part.stop());
  await query(part.address, "create table kept (id int); insert into kept values (1)");

  // when
  const before = part.pid;
  await part.kill();
  expect(await answers(part.port)).toBe(false);
  await part.start();

  // then
  expect(part.pid).not.toBe(before);
  expect(await query(part.address, "select id from kept")).toEqual([{ id: 1 }]);

  // and a power cut leaves the pid of a process that is somebody else's by now
  await part.kill();
  const pidFile = join(dir, "data", "postmaster.pid");
  writeFileSync(pidFile, readFileSync(pidFile, "utf8").replace(/^\d+/, String(process.pid)));
  const again = await startPostgres({ dir, port: part.port });
  onTestFinished(() => again.stop());
  expect(await query(again.address, "select id from kept")).toEqual([{ id: 1 }]);
});

test("Kafka that was killed starts again at the same address with its topics", async () => {
  // given
  const part = await startKafka({ dir: join(folder(), "kafka") });
  onTestFinished(() => part.remove());
  await withAdmin(part.address, (admin) => admin.createTopics({ topics: [{ topic: "kept", numPartitions: 3 }] }));

  // when
  await part.kill();
  expect(await answers(part.port)).toBe(false);
  await part.start();

  // then
  expect(await withAdmin(part.address, (admin) => admin.listTopics())).toContain("kept");
});

/** A machine with Docker needs no Maven. */
const hasMaven = spawnSync("mvn", ["-v"], { stdio: "ignore" }).status === 0;

test.runIf(hasMaven)(
  "jars are fetched once, an interrupted download counts for nothing, and what it left is taken away",
  async () => {
    // given a download that was killed: a process with this number cannot run
    const cache = folder();
    const jars = { name: "one", coordinates: ["org.slf4j:slf4j-api:1.7.36"] };
    mkdirSync(join(cache, "one.part-4194305", "jars"), { recursive: true });
    const said: string[] = [];

    // when
    const classPath = await ensureJars(jars, cache, (line) => said.push(line));
    await ensureJars(jars, cache, (line) => said.push(line));

    // then
    expect(readdirSync(cache)).toEqual(["one"]);
    expect(readdirSync(classPath.slice(0, -1))).toEqual(["slf4j-api-1.7.36.jar"]);
    expect(said.filter((line) => line.includes("downloading"))).toHaveLength(1);
    expect(said.at(-1)).toBe("one: 1 jars ready");
  },
);

test.runIf(hasMaven)(
  "jars that Maven cannot find leave no half cache, and the message says what Maven said",
  async () => {
    const cache = folder();
    const jars = { name: "none", coordinates: ["org.slf4j:slf4j-api:0.0.0-none"] };
    const failure = ensureJars(jars, cache, () => {});
    await expect(failure).rejects.toMatchObject({
      code: "download-failed",
      message: expect.stringContaining("slf4j-api:jar:0.0.0-none"),
      hint: expect.stringMatching(/maven\.log.*Docker/),
    });
    expect(existsSync(join(cache, "none"))).toBe(false);
  },
);

test("a missing Maven is said with the remedy", async () => {
  vi.stubEnv("PATH", "/nowhere");
  onTestFinished(() => void vi.unstubAllEnvs());
  const failure = ensureJars({ name: "any", coordinates: [] }, folder(), () => {});
  await expect(failure).rejects.toMatchObject({ code: "no-maven", hint: expect.stringContaining("install Java 17") });
});
