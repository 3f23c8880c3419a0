import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { query } from "../../shared/testing/database.ts";
import { runStack, stackName } from "../../shared/testing/stack-command.ts";
import { startInDocker } from "../stack/docker-part.ts";
import { answers } from "../stack/ports.ts";
import type { PartStatus } from "../stack/stack-status.ts";
import { docker, leftOf } from "./testing/clone.ts";

const projects = async (): Promise<readonly string[]> =>
  (await docker("ps", "--all", "--format", '{{.Label "com.docker.compose.project"}}')).filter((name) =>
    /^sluice-(t|part-)/.test(name),
  );

test("the stack by Docker: up, status, the last lines of a log, down with its data kept, reset", async () => {
  // given
  const name = stackName();
  onTestFinished(async () => void (await runStack(["reset", "--name", name])));

  // when
  const up = await runStack(["up", "--name", name, "--no-durable"]);

  // then
  expect(up).toMatchObject({ code: 0, stderr: "" });
  expect(up.stdout).toContain("postgres, kafka, opensearch by Docker compose");
  const [project = ""] = await projects();
  const { stdout } = await runStack(["status", "--json", "--name", name]);
  const statuses: PartStatus[] = JSON.parse(stdout);
  expect(statuses.map(({ way, up: isUp }) => ({ way, isUp }))).toEqual(
    new Array(3).fill({ way: "docker", isUp: true }),
  );

  // and what was asked for holds in Docker, too
  const databaseUrl = /^DATABASE_URL=(.*)$/m.exec(up.stdout)?.[1] ?? "";
  expect(await query(databaseUrl, "show fsync")).toEqual([{ fsync: "off" }]);
  const whole = await runStack(["logs", "kafka", "-n", "1000", "--name", name]);
  const end = await runStack(["logs", "kafka", "-n", "3", "--name", name]);
  expect(end.code).toBe(0);
  expect(whole.stdout.trimEnd().split("\n").length).toBeGreaterThan(3);
  expect(end.stdout.trimEnd().split("\n")).toHaveLength(3);
  expect(whole.stdout).toContain(end.stdout);
  const all = await runStack(["logs", "-n", "1", "--name", name]);
  expect(all.stdout.match(/^(postgres|kafka|opensearch) \| /gm)?.length).toBeGreaterThanOrEqual(3);

  // when
  await query(databaseUrl, "create table kept (id int)");
  expect(await runStack(["down", "--name", name])).toMatchObject({ code: 0 });

  // then
  expect((await leftOf(project)).every((left) => left.startsWith("volume "))).toBe(true);
  const again = await runStack(["up", "--name", name]);
  const kept = /^DATABASE_URL=(.*)$/m.exec(again.stdout)?.[1] ?? "";
  expect(await query(kept, "select count(*)::int as count from kept")).toEqual([{ count: 0 }]);
  expect(await runStack(["reset", "--name", name])).toMatchObject({ code: 0 });
  expect(await leftOf(project)).toEqual([]);
});

test("a part for a scratch folder crashes, comes back with its data, and removed it leaves nothing", async () => {
  // given
  const dir = mkdtempSync(join(tmpdir(), "sluice-part-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const part = await startInDocker("postgres", { dir });
  onTestFinished(() => part.remove());
  const [project = ""] = await projects();
  await query(part.address, "create table kept (id int); insert into kept values (1)");

  // when
  await part.kill();
  expect(await answers(part.port)).toBe(false);
  await part.start();

  // then
  expect(await query(part.address, "select id from kept")).toEqual([{ id: 1 }]);
  await part.remove();
  expect(await leftOf(project)).toEqual([]);
});
