import { expect, inject, test } from "vitest";
import { askSystem } from "../../shared/testing/ask-system.ts";
import { query } from "../../shared/testing/database.ts";
import { eventually } from "../../shared/testing/eventually.ts";
import { runNode } from "../../shared/testing/stack-command.ts";
import { sluice } from "../sluice/testing/sluice-process.ts";
import type { StepReport } from "./run-steps.ts";
import { stepNames } from "./step.ts";
import { skuPrefix } from "./steps.ts";

/** Against the running system: `npm start`, or in the emulator tier a stage on AWS. */
const url = inject("systemUrl");
const { name: stage, environment } = inject("stage");
const { databaseUrl } = inject("stack");
const ask = askSystem(url);

const smoke = (...more: readonly string[]) =>
  runNode(["scripts/smoke.ts", "--url", url, "--stage", stage, ...more], environment);

const reportOf = (stdout: string): { readonly result: string; readonly steps: readonly StepReport[] } =>
  JSON.parse(stdout);

/** A position as `rewind_run` keeps it. */
type Stored = { readonly topic: string; readonly partition: number; readonly offset: string };

type Rewind = {
  readonly outcome: string;
  readonly reason: string;
  readonly plan: readonly Stored[];
  readonly prior: readonly Stored[];
};

const rewinds = async (): Promise<readonly Rewind[]> =>
  (await query(databaseUrl, "select * from rewind_run order by started_at desc")) as unknown as readonly Rewind[];

/** What smoke tests have left: nothing, once readers have heard of the archiving. */
const nothingIsLeft = async (): Promise<void> => {
  const left = () => ask("GET /products?category=smoke-test");
  await eventually(left, ({ body }) => body.items.length === 0);
  const text = `select id from products where sku like '${skuPrefix}%' and status <> 'archived'`;
  expect(await query(databaseUrl, text)).toEqual([]);
};

test("a system that works passes each step, and keeps nothing of it", async () => {
  const { code, stdout, stderr } = await smoke();

  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
  const [heading, ...lines] = stdout.split("\n");
  expect(heading).toMatch(/^STEP +RESULT +TIME +WHAT$/);
  expect(lines.slice(0, stepNames.length).map((line) => line.split(/ +/).slice(0, 2))).toEqual(
    stepNames.map((name) => [name, "pass"]),
  );
  expect(stdout).toMatch(/ms {2}\S+ planned to its end: 0 to read again, \d+ unread; not executed$/m);
  expect(stdout).toMatch(/\nthe smoke test passed in [\d.]+ m?s\n$/);
  await nothingIsLeft();
});

test("a rewind of nothing is executed when it is asked for, and skips nothing: the group reads on", async () => {
  // given
  const earlier = await rewinds();

  // when
  const { code, stdout, stderr } = await smoke("--rewind", "--json");

  // then
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
  const rewind = reportOf(stdout).steps.find(({ step }) => step === "rewind");
  expect(rewind).toMatchObject({
    result: "pass",
    what: "product-event-projection-group rewound to its end: nothing was unread, nothing was skipped",
  });
  const [last, ...others] = await rewinds();
  expect(others).toEqual(earlier);
  const { outcome, reason, plan = [], prior = [] } = last ?? {};
  expect({ outcome, reason }).toEqual({ outcome: "done", reason: "a smoke test: a rewind of nothing" });
  const before = new Map(prior.map((at) => [`${at.topic}:${at.partition}`, BigInt(at.offset)]));
  expect(before.size).toBeGreaterThan(0);
  const skipping = plan.filter((at) => BigInt(at.offset) > (before.get(`${at.topic}:${at.partition}`) ?? 0n));
  expect(skipping).toEqual([]);
  await nothingIsLeft(); // archived after the rewind: the group reads on
});

test("a rewind is not executed while something is unread", async () => {
  // given
  const group = async (...words: readonly string[]) => {
    const args = ["groups", ...words, "--group", "product-event-projection-group", "--stage", stage];
    expect(await sluice(args, environment)).toMatchObject({ code: 0 });
  };
  const earlier = await rewinds();
  await group("pause", "--reason", "a smoke test");

  // when
  const { code, stdout } = await smoke("--rewind", "--json", "--deadline", "10").finally(() => group("resume"));

  // then
  expect(code).toBe(1);
  const rewind = reportOf(stdout).steps.find(({ step }) => step === "rewind");
  const what = expect.stringMatching(
    /^[1-9]\d* messages are unread, which a rewind to the end would skip, after 10 s$/,
  );
  expect(rewind).toMatchObject({ result: "fail", what });
  expect(await rewinds()).toEqual(earlier);
  await nothingIsLeft();
});

test("with its publisher stopped the outbox's step fails by its deadline, and says what to do; the rest is told and cleaned up", async () => {
  // given
  const outbox = async (...words: readonly string[]) => {
    const { code, stdout } = await sluice(["outbox", ...words, "--json", "--stage", stage], environment);
    expect(code).toBe(0);
    return JSON.parse(stdout);
  };
  const smokeWhilePaused = async () => {
    await outbox("pause", "--reason", "a smoke test");
    // A publisher that runs gives its shards back when it has seen the pause.
    const isHeld = ({ owner }: { readonly owner: string | null }) => owner !== null;
    await eventually(
      () => outbox("status"),
      ({ shards }) => !shards.some(isHeld),
    );
    return smoke("--deadline", "20", "--json");
  };

  // when
  const { code, stdout, stderr } = await smokeWhilePaused().finally(() => outbox("resume"));

  // then
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  const { result, steps } = reportOf(stdout);
  expect(result).toBe("fail");
  expect(steps.map(({ step, result: ended }) => [step, ended])).toEqual([
    ["health", "pass"],
    ["write", "pass"],
    ["outbox", "fail"],
    ["search", "blocked"],
    ["reservation", "blocked"],
    ["rewind", "pass"],
    ["metrics", "pass"],
    ["clean-up", "pass"],
  ]);
  expect(steps[2]).toMatchObject({
    what: "readers do not see the product: its event is not sent, or not projected, after 20 s",
    next: `npx sluice outbox status${stage === "local" ? "" : ` --stage ${stage}`}; docs/OPERATIONS.md#the-outbox-does-not-move`,
  });
  await nothingIsLeft();
});
