import validate from "asl-validator";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type DeployedStage, openDeployedStage } from "../../scripts/sluice/testing/deployed-stage.ts";
import type { Execution } from "../../scripts/sluice/testing/local-executions.ts";
import { openProjectedTopic, type ProjectedTopic } from "../../scripts/sluice/testing/projected-topic.ts";
import { consumerGroups, productCommandGroup } from "../../shared/catalogue/groups.ts";
import { productProjectionGroup as groupId } from "../../shared/catalogue/product-projection.ts";
import { listAudit } from "../../shared/operations/audit/list-audit.ts";
import { findHolder } from "../../shared/operations/read-model-lease/find-holder.ts";
import type { MachineState } from "../../shared/operations/replay-machine/machine-state.ts";
import type { TaskEvent } from "../../shared/operations/replay-machine/replay-machine.ts";
import { findRun } from "../../shared/operations/rewind/find-run.ts";
import { listRuns } from "../../shared/operations/rewind/list-runs.ts";
import type { RewindTarget } from "../../shared/operations/rewind/rewind-request.ts";
import definition from "./replay.asl.json" with { type: "json" };

const projection = "product-event-projection";
/** As Step Functions tells what Lambda says of it. */
const killed = JSON.stringify({ errorType: "Runtime.ExitError", errorMessage: "signal: killed" });
const visited = new Set<string>();
const started: Execution[] = [];
let stage: DeployedStage;
let read: ProjectedTopic;

beforeAll(async () => {
  // An invocation of 22 s hands over after 2.
  stage = await openDeployedStage({ timeoutsMs: { replay: 22_000 } });
  read = openProjectedTopic(stage);
  await read.publishSome();
  await read.caughtUp();
}, 300_000);
afterAll(async () => {
  await read?.close();
  await stage?.close();
});
afterEach(async () => {
  Object.assign(stage.obstacles, { onTask: () => {}, onBatch: () => {}, noMapping: false });
  for (const { entered } of started) for (const name of entered) visited.add(name);
});

const order = (target: RewindTarget | { kind: string }, more: object = {}) => ({
  ...{ actor: "ann", operation: "replay", request: { groupId, topics: [], target } },
  ...more,
});

const start = (input: unknown): Execution => {
  const execution = stage.machines.replay.start(input);
  started.push(execution);
  return execution;
};

const run = async (input: unknown): Promise<Execution & { readonly state: MachineState }> => {
  const execution = start(input);
  await execution.over;
  return Object.assign(execution, { state: execution.output as MachineState });
};

const rewind = (target: RewindTarget | { kind: string } = { kind: "to-earliest" }) =>
  run({ kind: "rewind", order: order(target) });

const newest = async () => (await listRuns(stage.db, 1))[0];
const latestAudit = async () => (await listAudit(stage.db, { limit: 1 }))[0];
const count = ({ entered }: Execution, name: string) => entered.filter((each) => each === name).length;

const resume = async () => run({ kind: "rewind", order: { actor: "ann", resume: (await newest())?.id } });

/** What must be so when all is over. */
const expectSettled = async () => {
  expect(stage.mapping.status().state).toBe("Enabled");
  expect(await findHolder(stage.db, projection)).toBeUndefined();
  await read.caughtUp();
};

test("the file is valid, and knows the groups that the registry knows", () => {
  expect(validate(definition)).toMatchObject({ isValid: true });
  const known = (kind: string) =>
    consumerGroups.groups.filter((group) => group.kind === kind).map((group) => group.groupId);
  const choices = definition.States.MayBeRewound.Choices;
  const leadingTo = (next: string) => choices.filter(({ Next }) => Next === next).map((each) => each.StringEquals);
  expect(leadingTo("Begin")).toEqual(known("projection"));
  expect(leadingTo("CommandGroup")).toEqual(known("command"));
});

describe("a rewind", () => {
  test("to the beginning: applied, followed and ended, one run in the audit; undone by another execution", async () => {
    const done = await rewind();
    expect(done).toMatchObject({ status: "SUCCEEDED", state: { status: "done" } });
    expect(await findRun(stage.db, done.state.run as string)).toMatchObject({ outcome: "done", actor: "ann" });
    expect(await latestAudit()).toMatchObject({ run: done.state.run, outcome: "done", operation: "replay" });
    await expectSettled();

    const undo = { actor: "bob", operation: "replay undo", undo: done.state.run };
    const undone = await run({ kind: "rewind", order: undo });
    expect(undone).toMatchObject({ status: "SUCCEEDED" });
    expect(await newest()).toMatchObject({ undoOf: done.state.run, actor: "bob", outcome: "done" });
    await expectSettled();
  });

  test("goes on from invocation to invocation while a batch is in hand", async () => {
    await read.publishBusy(5_000);
    const done = await rewind();
    expect(done).toMatchObject({ status: "SUCCEEDED" });
    expect(count(done, "Advance")).toBeGreaterThan(2);
    await expectSettled();
  });

  test("of a group that nothing reads is applied, and the machine does not watch for ever; taken up it ends", async () => {
    stage.mapping.disable();
    await stage.mapping.reached("Disabled");
    const left = await rewind();
    expect(left).toMatchObject({ status: "SUCCEEDED", state: { status: "unread" } });
    expect(await newest()).toMatchObject({ step: "follow", mappingFound: "Disabled" });

    stage.mapping.enable();
    expect(await resume()).toMatchObject({ state: { run: left.state.run, status: "done" } });
    expect(await resume()).toMatchObject({ state: { run: left.state.run, status: "done" } });
    await expectSettled();
  });
});

describe("refused by the machine, with the rule quoted", () => {
  const refused = async (input: unknown, error: string, cause: string) => {
    const before = await listRuns(stage.db, 1);
    const ended = await run(input);
    expect(ended).toMatchObject({ status: "FAILED", error, cause: expect.stringContaining(cause) });
    expect(await listRuns(stage.db, 1)).toEqual(before);
    expect(stage.mapping.status().state).toBe("Enabled");
    return ended;
  };
  const of = (group: string) => {
    const { request, ...rest } = order({ kind: "to-earliest" });
    return { kind: "rewind", order: { ...rest, request: { ...request, groupId: group } } };
  };

  test("a command group and an unknown one, before anything is invoked", async () => {
    const command = productCommandGroup.groupId;
    const byChoice = await refused(of(command), "not-rewindable", "command consumers are never rewound");
    expect(byChoice.entered).not.toContain("Begin");
    await refused(of("nobody"), "unknown-group", "only registered projections are rewound");
  });

  test("and by the function, which nobody can lead past the machine", async () => {
    for (const [group, code] of [
      [productCommandGroup.groupId, "not-rewindable"],
      ["nobody", "unknown-group"],
    ] as const) {
      const event: TaskEvent = { action: "begin", state: of(group) as MachineState };
      expect(await stage.invoke("replay", event)).toMatchObject({ status: "refused", error: { code } });
    }
  });

  test("a run whose row was changed to a command group, undone or taken up", async () => {
    const { state } = await rewind();
    const change = (group: string, set = "") =>
      stage.db.query({ text: `update rewind_run set group_id = $2 ${set} where id = $1`, values: [state.run, group] });
    await change(productCommandGroup.groupId);
    const undo = { kind: "rewind", order: { actor: "ann", operation: "replay undo", undo: state.run } };
    expect(await run(undo)).toMatchObject({ status: "FAILED", error: "not-rewindable" });
    await change(groupId);
  });

  test.each([
    [{ kind: "to-offset", offset: "999999999" }, "outside-log", "is outside the log, which goes from"],
    [{ kind: "to-datetime", timestamp: 32_503_680_000_000 }, "no-record-since", "no record is of 3000"],
    [{ kind: "sideways" }, "usage", "the order is none"],
  ])(
    "a target that is none: %j",
    async (target, error, cause) => void (await refused({ kind: "rewind", order: order(target) }, error, cause)),
  );

  test.each([[{}], [{ kind: "rewind" }], [{ kind: "anything", order: {} }]])(
    "an input that is none: %j",
    async (input) => void (await refused(input, "usage", "the input is none of this machine's")),
  );

  test("there is no force", async () => {
    const forced = { kind: "rewind", order: order({ kind: "to-earliest" }, { force: true }) };
    await refused(forced, "usage", "force");
  });
});

describe("what fails is put back, or told", () => {
  test("a task that is killed once is done again, whichever it is", async () => {
    for (const name of ["Begin", "Advance", "Follow"]) stage.breakTask(name, 1);
    expect(await rewind()).toMatchObject({ status: "SUCCEEDED" });
    await expectSettled();
  });

  test("a beginning that never succeeds fails, and nothing was touched", async () => {
    stage.breakTask("Begin");
    expect(await rewind()).toMatchObject({ status: "FAILED", error: "Runtime.ExitError", cause: killed });
    await expectSettled();
  });

  test("an advance that is killed each time is put back", async () => {
    stage.obstacles.onTask = async (state) => {
      if (state !== "Advance") return;
      stage.mapping.disable(); // as the task would have, before it was killed
      await stage.mapping.reached("Disabled");
      await stage.db.query({
        text: "update rewind_run set step = 'wait-until-empty', mapping_found = 'Enabled' where outcome is null",
      });
    };
    stage.breakTask("Advance");
    const ended = await rewind();
    expect(ended).toMatchObject({
      status: "FAILED",
      error: "task-failed",
      cause: expect.stringContaining("as they were"),
    });
    expect(ended.entered).toContain("PutBack");
    expect(await newest()).toMatchObject({ outcome: "restored" });
    expect(await latestAudit()).toMatchObject({ outcome: "failed" });
    await expectSettled();
  });

  test("what fails in between is put back by the same task: records that expire after the plan", async () => {
    stage.obstacles.onTask = async (state) => {
      if (state === "Advance") await read.expireOne();
    };
    const ended = await rewind();
    expect(ended).toMatchObject({
      status: "FAILED",
      error: "outside-log",
      cause: expect.stringContaining("as they were"),
    });
    expect(ended.entered).not.toContain("PutBack");
    expect(await newest()).toMatchObject({ outcome: "restored" });
    await expectSettled();
  });

  test("a mapping that cannot be put on again is tried for, counted and told; taken up later, it is on", async () => {
    await read.publishBusy(1_500);
    setTimeout(() => {
      stage.obstacles.noMapping = true;
    }, 700);
    const ended = await rewind();
    expect(ended).toMatchObject({
      ...{ status: "FAILED", error: "rewind-unfinished" },
      cause: expect.stringMatching(/THE MAPPING OF product-event-consumer MAY BE OFF.*mapping-gone.*\n.*--resume/s),
    });
    expect(count(ended, "PutBack")).toBeGreaterThan(3);
    expect(stage.lines.filter((line) => line.includes('"MappingMayBeOff":')).length).toBeGreaterThan(1);
    await stage.mapping.reached("Disabled");

    stage.obstacles.noMapping = false;
    expect(await resume()).toMatchObject({ status: "FAILED", error: "mapping-gone" });
    expect(await newest()).toMatchObject({ outcome: "restored" });
    await expectSettled();
  });

  test("a machine that can invoke nothing any more says that the mapping may be off; taken up later, the run is finished", async () => {
    for (const name of ["Advance", "PutBack"]) stage.breakTask(name);
    stage.breakTask("MappingMayBeOff", 1); // what counts the alarm is itself tried again
    expect(await rewind()).toMatchObject({
      error: "rewind-unfinished",
      cause: expect.stringContaining("signal: killed"),
    });
    stage.breakTask("MappingMayBeOff");
    expect(await rewind()).toMatchObject({ error: "rewind-unfinished", cause: expect.stringContaining("MAY BE OFF") });

    stage.obstacles.onTask = () => {};
    expect(await resume()).toMatchObject({ status: "SUCCEEDED", state: { status: "done" } });
    await expectSettled();
  });

  test("a run that another process has is left to it, until it has gone", async () => {
    const held = (run: string) =>
      stage.db.query({ text: "update read_model_lease set run = $2 where projection = $1", values: [projection, run] });
    let looks = 0;
    stage.obstacles.onTask = async (state) => {
      if (state !== "Advance") return;
      const { id } = (await newest()) as { id: string };
      await held(looks++ === 0 ? "00000000-0000-4000-8000-000000000001" : id);
    };
    const ended = await rewind();
    expect(ended).toMatchObject({ status: "SUCCEEDED" });
    expect(ended.entered).toContain("WaitForOther");
    await expectSettled();
  });

  test("what cannot be watched is told; the next look ends it", async () => {
    stage.breakTask("Follow");
    expect(await rewind()).toMatchObject({ status: "FAILED", error: "not-followed" });
    expect(await newest()).toMatchObject({ step: "follow" });
    stage.obstacles.onTask = () => {};
    expect(await resume()).toMatchObject({ status: "SUCCEEDED", state: { status: "done" } });
    await expectSettled();
  });
});

test("every state of the machine was visited", () => {
  expect([...visited].sort()).toEqual(Object.keys(definition.States).sort());
});
