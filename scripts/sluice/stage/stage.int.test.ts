import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { productProjectionGroup as group } from "../../../shared/catalogue/product-projection.ts";
import { ensureProductReadModels } from "../../../shared/catalogue/product-read-models.ts";
import { topics } from "../../../shared/catalogue/topics.ts";
import { listAudit } from "../../../shared/operations/audit/list-audit.ts";
import { appendAndCommit } from "../../../shared/testing/append-and-commit.ts";
import { outboxMessage } from "../../../shared/testing/outbox-messages.ts";
import { createIndexes } from "../../../shared/testing/search-index.ts";
import { type DeployedStage, openDeployedStage } from "../testing/deployed-stage.ts";
import { openProjectedTopic, type ProjectedTopic } from "../testing/projected-topic.ts";
import { sluice, startSluice } from "../testing/sluice-process.ts";
import { inSteadyCluster, timeless } from "../testing/steady-cluster.ts";

const topic = topics.productEvents.name;
const folder = mkdtempSync(join(tmpdir(), "sluice-stage-"));
let stage: DeployedStage;
let read: ProjectedTopic;

beforeAll(async () => {
  stage = await openDeployedStage();
  for (const [name, value] of Object.entries(stage.toolEnvironment)) vi.stubEnv(name, value);
  read = openProjectedTopic(stage);
  await read.publishSome();
  await read.caughtUp();
}, 300_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
  await read?.close();
  await stage?.close();
});
afterEach(() => {
  Object.assign(stage.obstacles, { onTask: () => {}, onBatch: () => {} });
});

const words = (line: string) => line.split(" ");
const json = async (line: string) => {
  const { code, stdout, stderr } = await stage.run([...words(line), "--json"]);
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
};

test.each([
  "groups list",
  `groups describe --group ${group}`,
  `groups describe --group ${group} --members`,
  `groups describe --group ${group} --state`,
  "groups describe --group nobody",
  "groups watch --look",
  "topics list",
  "topics describe --topic product.events",
  "outbox status",
  "outbox parked",
  "dlq stats",
  "dlq read --topic dlq.product.events --limit 3",
  "dlq read --topic dlq.nothing",
  "dlq replay --topic dlq.product.events --target product.events --event-id none",
  "dlq replay --topic dlq.product.events --target product.commands",
  "replay list",
  "replay status",
  `replay --group ${group} --to-earliest`,
  `replay --group ${group} --to-earliest --export`,
  `replay --group ${group} --to-offset 999999999`,
  "replay --group product-command-group --to-earliest",
  "replay undo 00000000-0000-4000-8000-000000000001",
  "trace 00000000-0000-4000-8000-000000000001",
  "rebuild status",
  "rebuild start",
  "projection verify",
  "audit list",
  "outbox unpark 1 --reason none",
])("`%s` writes on a stage what it writes directly, for people and for programs", async (line) => {
  for (const args of [words(line), [...words(line), "--json"]]) {
    const { onStage, direct } = await inSteadyCluster(stage, args);
    expect(timeless(onStage.stdout)).toBe(timeless(direct.stdout));
    expect({ code: onStage.code, stderr: onStage.stderr }).toEqual({ code: direct.code, stderr: direct.stderr });
  }
});

describe("what changes something", () => {
  test("a rewind is an execution, watched to its end, and told as the direct target tells it; undone alike", async () => {
    const done = await stage.run(words(`replay --group ${group} --to-earliest --execute`));
    expect(done.code).toBe(0);
    const [run] = await json("replay list --limit 1");
    expect(run).toMatchObject({ outcome: "done", actor: "ann", operation: "replay" });
    expect(done.stdout).toBe((await stage.direct(["replay", "status", run.id])).stdout);
    expect(stage.executions()).toHaveLength(1);

    const undone = await json(`replay undo ${run.id} --execute --reason back`);
    expect(undone).toMatchObject({ undoOf: run.id, outcome: "done", reason: "back" });
    await read.caughtUp();
  });

  test("of a file the tool reads the lines, under Kafka's own name for it", async () => {
    const file = join(folder, "positions.csv");
    const { stdout } = await stage.run(words(`replay --group ${group} --to-earliest --export`));
    writeFileSync(file, stdout);
    const line = `groups reset-offsets --group ${group} --from-file ${file}`;
    const plan = await json(line);
    const done = await json(`${line} --execute --plan ${plan.hash}`);
    expect(done).toMatchObject({ operation: "groups reset-offsets", planHash: plan.hash, outcome: "done" });
    await read.caughtUp();
  });

  test("what the machine refuses ends with 3 and the rule, what fails with 1", async () => {
    const refused = await stage.run(words(`replay --group ${group} --to-offset 999999999 --execute`));
    expect(refused).toMatchObject({ code: 3, stdout: "", stderr: expect.stringContaining("is outside the log") });
    const changed = await stage.run(words(`replay --group ${group} --to-earliest --execute --plan 0123456789abcdef`));
    expect(changed).toMatchObject({ code: 3, stderr: expect.stringContaining("is not what would be done now") });
    stage.obstacles.onTask = () => {
      throw Object.assign(new Error("signal: killed"), { name: "Runtime.ExitError" });
    };
    const failed = await stage.run(words(`replay --group ${group} --to-earliest --execute`));
    expect(failed).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^sluice: signal: killed\n$/) });
  });

  test("Ctrl-C ends the watching and says so; the execution goes on, and can be watched again", async () => {
    // given
    const { promise, resolve } = Promise.withResolvers<void>();
    stage.obstacles.onTask = (state) => (state === "Advance" ? promise : undefined);
    const child = startSluice(
      [...words(`replay --group ${group} --to-earliest --execute`), "--stage", "test"],
      stage.toolEnvironment,
    );
    const told = child.stderr ? text(child.stderr) : "";
    child.stderr?.once("data", () => child.kill("SIGINT"));

    // when
    const [code] = await once(child, "exit");
    resolve();

    // then
    expect(code).toBe(1);
    expect(await told).toMatch(
      /^sluice: the watching has ended, and execution run-\d+ goes on\n {2}`sluice replay status --follow/m,
    );
    await stage.executions().at(-1)?.over;
    const watched = await stage.run(words("replay status --follow"));
    expect(watched).toMatchObject({ code: 0, stdout: expect.stringContaining("done") });
  });

  test("a run that was left is taken up", async () => {
    stage.obstacles.onTask = (state) => {
      if (state !== "Begin") throw Object.assign(new Error("signal: killed"), { name: "Runtime.ExitError" });
    };
    const left = await stage.run(words(`replay --group ${group} --to-earliest --execute`));
    expect(left).toMatchObject({ code: 1, stderr: expect.stringContaining("THE MAPPING MAY BE OFF") });
    stage.obstacles.onTask = () => {};
    const resumed = await stage.run(words("replay status --resume"));
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining("done") });
    await read.caughtUp();
  });

  test("a flush is a run of the publisher in drain mode; a paused one is refused", async () => {
    await appendAndCommit(stage.db, [outboxMessage(topic, "flushed", 1)]);
    expect(await json("outbox flush")).toMatchObject({ ended: "drained", sent: 1 });
    expect(await json("outbox pause --reason deploy")).toMatchObject({ function: "outbox-publisher", paused: true });
    expect(await stage.run(["outbox", "flush"])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("was paused by ann"),
    });
    expect(await stage.invoke("outbox-publisher", {})).toEqual({ ended: "paused" });
    const resumed = await stage.run(["outbox", "resume"]);
    expect(resumed.stdout).toBe(
      "outbox-publisher is not paused; its function looks at each invocation and keeps to it\n",
    );
    expect(await listAudit(stage.db, { limit: 1 })).toMatchObject([{ actor: "ann", operation: "outbox resume" }]);
  });

  test("dead letters are sent by the other machine; a consumer is run by its mapping alone", async () => {
    const line = "dlq replay --topic dlq.product.events --target product.events --event-id none --execute";
    const before = stage.executions().length;
    const report = await json(line);
    expect(report).toMatchObject({ executed: true, matched: 0, ended: "all" });
    expect(stage.executions().length).toBe(before + 1);
    const refused = await stage.run(["run_product_event_consumer"]);
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining("invoked by its mapping alone") });
  });

  test("parked rows are settled, a consumer is paused and resumed", async () => {
    await appendAndCommit(stage.db, [outboxMessage(topic, "skipped", 1), outboxMessage(topic, "unparked", 1)]);
    const text = "update outbox set status = 'PARKED' where status = 'PENDING' returning id";
    const [first, second] = (await stage.db.query<{ id: number }>({ text })).rows.map(({ id }) => id);

    expect(await json(`outbox skip ${first} --reason unfit --execute`)).toMatchObject({ executed: true });
    expect(await json(`outbox unpark ${second} --reason mended --execute`)).toMatchObject({ executed: true });
    const { rows } = await stage.db.query({
      text: "select status, reason from outbox where id = any ($1) order by id",
      values: [[first, second]],
    });
    expect(rows).toEqual([
      { status: "SKIPPED", reason: "unfit" },
      { status: "PENDING", reason: "mended" },
    ]);
    const consumer = { function: "product-event-consumer" };
    expect(await json(`groups pause --group ${group} --reason rest`)).toMatchObject({ ...consumer, paused: true });
    expect(await json(`groups resume --group ${group}`)).toMatchObject({ ...consumer, paused: false });
  });

  test("a read model is repaired; after a restore everything is fenced", async () => {
    // given: a product that no read model has, a command that was sent and not done, and a hold for nobody
    await using indexes = await createIndexes();
    await ensureProductReadModels({ ...indexes, db: stage.db, alias: indexes.prefix, log: () => {} });
    const id = randomUUID();
    await stage.db.query({
      text: `insert into products (id, sku, title, description, category, price_amount, price_currency, stock, reserved,
               attributes, status, version, created_at, updated_at)
             values ($1, 's', 't', 'd', 'c', 1, 'EUR', 1, 1, '{}', 'active', 1, now(), now())`,
      values: [id],
    });
    await stage.db.query({
      text: "insert into stock_hold (reservation_id, line, product_id, quantity, state) values ($1, 0, $2, 1, 'reserved')",
      values: [randomUUID(), id],
    });
    const commands = topics.productCommands.name;
    await appendAndCommit(stage.db, [outboxMessage(commands, "undone", 1)]);
    await stage.db.query({ text: "update outbox set status = 'SENT' where topic = $1", values: [commands] });

    // then
    expect(await json(`projection repair ${id} --execute`)).toMatchObject({ id, executed: true });
    const text = "select version from product_view where id = $1";
    expect((await stage.db.query({ text, values: [id] })).rows).toEqual([{ version: 1 }]);
    const orphanHolds = [{ productId: id }];
    const fenced = { executed: true, products: 1, undoneCommands: 1, orphanHolds };
    expect(await json("restore fence --execute --reason restored")).toMatchObject(fenced);
    const { rows } = await stage.db.query({ text: "select version > 1 as raised from products" });
    expect(rows).toEqual([{ raised: true }]);
  });

  test("the operations function by itself does nothing that a machine does", async () => {
    for (const line of [
      `replay --group ${group} --to-earliest --execute`,
      "replay status --resume",
      "rebuild start --execute",
    ]) {
      const event = { argv: words(line), actor: "mallory" };
      expect(await stage.invoke("operations", event)).toMatchObject({ code: 3, fault: { code: "not-here" } });
    }
  });
});

test("a watch goes on until Ctrl-C, by looking again", async () => {
  const watch = startSluice(["groups", "watch", "--group", group, "--json", "--stage", "test"], stage.toolEnvironment);
  const ended = once(watch, "close");
  let seen = "";
  watch.stdout?.on("data", (data) => {
    seen += data;
    if (seen.split("\n").length > 2) watch.kill("SIGINT");
  });
  expect(await ended).toEqual([0, null]);
  const [first, second] = seen
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(first).toMatchObject([{ group, lag: 0, rate: null }]);
  expect(second).toMatchObject([{ group, lag: 0, rate: 0 }]);
});

describe("what cannot be reached", () => {
  const without = (name: string) => ({ ...stage.toolEnvironment, [name]: "" });
  const ask = (line: string, env: Readonly<Record<string, string>>) => sluice(words(line), env);

  test.each([
    ["topics list --stage nowhere", {}, 3, "there is no stage nowhere"],
    ["topics list --stage not/a/name", {}, 2, "not/a/name is no stage's name"],
    ["topics list --stage test", { AWS_ENDPOINT_URL: "http://127.0.0.1:1" }, 1, "AWS cannot be reached"],
  ])("`%s` is one line and a hint", async (line, env, code, said) => {
    const result = await ask(line, { ...stage.toolEnvironment, ...env });
    expect(result).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(`sluice: `) });
    expect(result.stderr).toContain(said);
    expect(result.stderr.split("\n").length).toBeLessThanOrEqual(3);
  });

  test("without credentials, or without a region", async () => {
    const env = { ...without("AWS_ACCESS_KEY_ID"), AWS_EC2_METADATA_DISABLED: "true", HOME: folder };
    expect(await ask("topics list --stage test", env)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^sluice: stage test: there are no AWS credentials here\n {2}.+\n$/),
    });
    expect(await ask("topics list --stage test", without("AWS_REGION"))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^sluice: stage test: no AWS region is set\n {2}set AWS_REGION\n$/),
    });
  });
});
