import { afterEach, beforeEach, expect, test } from "vitest";
import { createGroupRegistry, type ProjectionGroup } from "../../messaging/consumer-groups.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { listRebuildNeeded } from "../../projection/rebuild-needed.ts";
import { commitOffsets } from "../../testing/commit-offsets.ts";
import { eventually } from "../../testing/eventually.ts";
import { listAudit } from "../audit/list-audit.ts";
import { findHolder } from "../read-model-lease/find-holder.ts";
import { releaseLease } from "../read-model-lease/release-lease.ts";
import { takeLease } from "../read-model-lease/take-lease.ts";
import { findRun } from "./find-run.ts";
import { followRun } from "./follow-run.ts";
import { listRuns } from "./list-runs.ts";
import { planRewind } from "./plan-rewind.ts";
import { resumeRun, startRun } from "./start-run.ts";
import { openRewindFixture, type RewindFixture } from "./testing/rewind-fixture.ts";
import { undoRun } from "./undo-run.ts";

let fixture: RewindFixture;
beforeEach(async () => {
  fixture = await openRewindFixture();
  await fixture.publish(Array.from({ length: 20 }, (_, index) => ({ key: `k${index}`, value: "v", headers: [] })));
  await fixture.caughtUp();
});
afterEach(() => fixture?.close());

const signal = new AbortController().signal;
const follow = (id: string) => followRun(fixture.parts, id, { signal, everyMs: 20, onSight: () => {} });
const registered = async () => (await fixture.parts.db.query({ text: "select run from projection_rewind" })).rows;
const newest = async () => (await listRuns(fixture.parts.db, 1))[0];
const latestAudit = async () => (await listAudit(fixture.parts.db, { limit: 1 }))[0];

/** Nothing is left of a run that was put back, and the group reads where it was. */
const expectRestored = async (): Promise<void> => {
  expect(await newest()).toMatchObject({ outcome: "restored" });
  expect(fixture.mapping.status().state).toBe("Enabled");
  expect(await findHolder(fixture.parts.db, "things")).toBeUndefined();
  expect(await registered()).toEqual([]);
  expect(await listRebuildNeeded(fixture.parts.db)).toEqual([]);
  expect(await fixture.committed()).toEqual(await fixture.ends());
};

test("to the beginning: all is read again, registered meanwhile, audited, and undone by one command", async () => {
  // given
  const ends = await fixture.ends();

  // when
  const run = await fixture.rewind({ kind: "to-earliest" });

  // then
  expect(run).toMatchObject({ step: "follow", mappingFound: "Enabled", prior: expect.any(Array) });
  expect(await registered()).toEqual([{ run: run.id }]);
  expect(await follow(run.id)).toMatchObject({ outcome: "done" });
  expect(fixture.delivered()).toBe(40);
  expect(await registered()).toEqual([]);
  expect(await fixture.committed()).toEqual(ends);
  expect(await latestAudit()).toMatchObject({
    ...{ run: run.id, actor: "ann", operation: "replay", target: fixture.groupId, outcome: "done" },
    after: [0, 1].map((partition) => ({ topic: fixture.topic, partition, offset: 0 })),
  });

  // when: it is where it was, so nothing is skipped
  const undone = await undoRun(fixture.parts, { id: run.id, actor: "ann", operation: "replay undo" }, signal);
  expect(await follow(undone.id)).toMatchObject({ outcome: "done", undoOf: run.id });
  expect(await listRebuildNeeded(fixture.parts.db)).toEqual([]);
});

test("undone before the group has caught up: the offsets found come back, and what it had not read again is counted and marked", async () => {
  // given: a mapping that was found off, so that nothing is read
  fixture.mapping.disable();
  await fixture.mapping.reached("Disabled");
  const run = await fixture.rewind({ kind: "to-earliest" });
  expect(await follow(run.id)).toMatchObject({ step: "follow", outcome: undefined, mappingFound: "Disabled" });
  expect(fixture.mapping.status().state).toBe("Disabled");
  expect(await fixture.committed()).toEqual({ 0: 0n, 1: 0n });

  // when
  const undone = await undoRun(fixture.parts, { id: run.id, actor: "ann", operation: "replay undo" }, signal);

  // then
  expect(await fixture.committed()).toEqual(await fixture.ends());
  expect(await follow(undone.id)).toMatchObject({ outcome: "done", undoOf: run.id });
  expect(await findRun(fixture.parts.db, run.id)).toMatchObject({ outcome: "superseded" });
  expect(await listRebuildNeeded(fixture.parts.db)).toMatchObject([
    { projection: "things", run: undone.id, skipped: 20, reason: "replay undo skipped messages" },
  ]);
  expect(fixture.mapping.status().state).toBe("Disabled");
});

test.each(["note-mapping", "disable-mapping", "wait-until-empty", "capture", "register", "commit", "read-back"])(
  "a fault after %s puts back offsets and mapping, and is told",
  async (step) => {
    const passing = (point: string) => {
      if (point === `forward: after ${step}`) throw new SluiceError("postgres-unavailable", "as asked");
    };

    const run = fixture.rewind({ kind: "to-earliest" }, { passing });

    await expect(run).rejects.toMatchObject({
      code: "postgres-unavailable",
      message: "as asked; offsets and mapping are as they were found",
    });
    await expectRestored();
    expect(await latestAudit()).toMatchObject({ outcome: "failed", fault: expect.stringContaining("as asked") });
  },
);

test("a commit that reads back as something else is put back", async () => {
  const { offsets } = fixture.parts;
  let commits = 0;
  const partly = {
    ...offsets,
    // The first is the broker's partial answer: one partition is moved, and no error is told.
    commit: (group: ProjectionGroup, positions: Parameters<typeof offsets.commit>[1]) =>
      offsets.commit(group, commits++ === 0 ? positions.slice(0, 1) : positions),
  };

  const run = fixture.rewind({ kind: "to-earliest" }, { offsets: partly });

  await expect(run).rejects.toMatchObject({ code: "not-read-back" });
  await expectRestored();
});

test("a mapping that cannot be put on again is told loudly, and the next to take the run up does it", async () => {
  const { mapping } = fixture.parts;
  const broken = { ...mapping, enable: () => Promise.reject(new SluiceError("host-refused", "not now")) };

  const run = fixture.rewind({ kind: "to-earliest" }, { mapping: broken });

  await expect(run).rejects.toMatchObject({
    code: "rewind-unfinished",
    message: expect.stringContaining("THE MAPPING OF thing-reader MAY BE OFF"),
    hint: expect.stringContaining("--resume"),
  });
  expect(fixture.mapping.status().state).toBe("Disabled");
  const left = await newest();
  expect(await resumeRun(fixture.parts, { id: left?.id as string, actor: "bob" }, signal)).toMatchObject({
    step: "follow",
  });
  expect(await follow(left?.id as string)).toMatchObject({ outcome: "done" });
  expect(fixture.mapping.status().state).toBe("Enabled");
});

test("Ctrl-C before the offsets are set puts everything back", async () => {
  const interrupted = new AbortController();
  const passing = (point: string) => {
    if (point === "forward: after wait-until-empty") interrupted.abort(new SluiceError("interrupted", "by Ctrl-C"));
  };

  const run = fixture.rewind({ kind: "to-earliest" }, { passing }, interrupted.signal);

  await expect(run).rejects.toMatchObject({ code: "interrupted" });
  await expectRestored();
});

test("what expires between the plan and its execution is refused, and put back", async () => {
  const { reader } = fixture.parts;
  let looks = 0;
  const expiring = {
    ...reader,
    ranges: async (partitions: Parameters<typeof reader.ranges>[0]) => {
      const ranges = await reader.ranges(partitions);
      return looks++ === 0 ? ranges : ranges.map((range) => ({ ...range, earliest: 1n }));
    },
  };

  const run = fixture.rewind({ kind: "to-earliest" }, { reader: expiring });

  await expect(run).rejects.toMatchObject({ code: "outside-log", message: expect.stringContaining("goes from 1 to") });
  await expectRestored();
});

test("another than the plan that was shown is refused", async () => {
  const request = { groupId: fixture.groupId, topics: [], target: { kind: "to-latest" } } as const;
  const { hash } = await planRewind(fixture.parts, request);
  await fixture.publish([{ key: "k", value: "v", headers: [] }]);

  const order = { request, actor: "ann", operation: "replay", planHash: hash };

  await expect(startRun(fixture.parts, order, signal)).rejects.toMatchObject({ code: "plan-changed" });
  expect(await listRuns(fixture.parts.db, 9)).toEqual([]);
  expect(await latestAudit()).toMatchObject({ outcome: "refused", fault: expect.stringContaining(hash) });
});

test("a rewind is refused while a rebuild has the read model, though its process has died, and goes when it is over", async () => {
  const { db } = fixture.parts;
  const run = "00000000-0000-4000-8000-000000000001";
  const rebuild = { projection: "things", run, operation: "rebuild start", owner: "somebody" };
  const taken = await takeLease(db, { ...rebuild, leaseMs: 0 });
  if (taken.kind !== "taken") throw new Error("it was free");

  await expect(fixture.rewind({ kind: "to-earliest" })).rejects.toMatchObject({
    code: "lease-held",
    message: expect.stringContaining("rebuild start"),
  });

  await releaseLease(db, taken.lease);
  const rewound = await fixture.rewind({ kind: "to-earliest" });
  expect(await takeLease(db, { ...rebuild, leaseMs: 1_000 })).toMatchObject({ kind: "held", by: { run: rewound.id } });
  await follow(rewound.id);
});

test("a process that was taken for dead writes nothing any more, and puts nothing back", async () => {
  const { db } = fixture.parts;
  let stolen = false;
  const passing = (point: string) => {
    if (point === "forward: after capture") stolen = true;
  };
  const steal = {
    ...db,
    transaction: (async (work) => {
      if (stolen) await db.query({ text: "update read_model_lease set epoch = epoch + 1" });
      return db.transaction(work);
    }) as typeof db.transaction,
  };

  const run = fixture.rewind({ kind: "to-earliest" }, { db: steal, passing });

  await expect(run).rejects.toMatchObject({ code: "lease-lost" });
  expect(await newest()).toMatchObject({ step: "capture", course: "forward", outcome: undefined });
  await resumeRun(fixture.parts, { id: (await newest())?.id as string, actor: "bob" }, signal).then(({ id }) =>
    follow(id),
  );
  expect(fixture.mapping.status().state).toBe("Enabled");
});

test("the command group is refused on every path, its offsets stay, and so does what only looks like a projection", async () => {
  const { doers, readers, parts, topic, addresses } = fixture;
  await commitOffsets(addresses.brokers, doers.groupId, topic, { 0: 3, 1: 2 });
  const request = { groupId: doers.groupId, topics: [], target: { kind: "to-earliest" } } as const;
  const order = { request, actor: "ann", operation: "replay" };
  const forged = { ...readers, groupId: doers.groupId, kind: "command" } as unknown as ProjectionGroup;
  const refused = { code: "not-rewindable", message: expect.stringContaining("command consumers are never rewound") };

  await expect(planRewind(parts, request)).rejects.toMatchObject(refused);
  await expect(startRun(parts, order, signal)).rejects.toMatchObject(refused);
  await expect(parts.offsets.commit(forged, [{ topic, partition: 0, offset: 0n }])).rejects.toMatchObject(refused);

  // a row that somebody has changed by hand, taken up and undone
  const run = await fixture.rewind({ kind: "to-earliest" });
  await follow(run.id);
  const change = (text: string) => parts.db.query({ text, values: [run.id, doers.groupId] });
  await change("update rewind_run set group_id = $2 where id = $1");
  await expect(undoRun(parts, { id: run.id, actor: "ann", operation: "replay undo" }, signal)).rejects.toMatchObject(
    refused,
  );
  await change("update rewind_run set group_id = $2, step = 'commit', outcome = null, ended_at = null where id = $1");
  await parts.db.query({
    text: "update read_model_lease set run = $1, operation = 'replay', owner = 'x', expires_at = now()",
    values: [run.id],
  });
  await expect(resumeRun(parts, { id: run.id, actor: "ann" }, signal)).rejects.toMatchObject(refused);

  expect(await parts.reader.committed(doers.groupId)).toEqual([
    { topic, partition: 0, offset: 3n },
    { topic, partition: 1, offset: 2n },
  ]);
});

test("a group that nobody registered, and one that is registered as something else since, are refused", async () => {
  const request = { groupId: "nobody", topics: [], target: { kind: "to-earliest" } } as const;
  const order = { request, actor: "ann", operation: "replay" };
  await expect(startRun(fixture.parts, order, signal)).rejects.toMatchObject({ code: "unknown-group" });
  expect(await latestAudit()).toMatchObject({ outcome: "refused", target: "nobody" });

  const none = { ...fixture.parts, registry: createGroupRegistry([]) };
  await expect(planRewind(none, { ...request, groupId: fixture.groupId })).rejects.toMatchObject({
    code: "unknown-group",
  });
});

test("a group with a member that nobody knows is refused before anything is touched, and by the broker too", async () => {
  const { Kafka, logLevel } = await import("kafkajs");
  const kafka = new Kafka({ brokers: [fixture.addresses.brokers], clientId: "stranger", logLevel: logLevel.NOTHING });
  const stranger = kafka.consumer({ groupId: fixture.groupId });
  await stranger.connect();
  await stranger.subscribe({ topic: fixture.topic });
  await stranger.run({ autoCommit: false, eachMessage: async () => {} });
  const { reader, offsets } = fixture.parts;
  await eventually(
    async () => (await reader.describeGroups([fixture.groupId]))[0]?.members.map(({ clientId }) => clientId) ?? [],
    (members) => members.includes("stranger"),
  );
  try {
    await expect(fixture.rewind({ kind: "to-earliest" })).rejects.toMatchObject({
      code: "unknown-member",
      message: expect.stringContaining("stranger"),
    });
    expect(fixture.mapping.status().state).toBe("Enabled");
    const commit = offsets.commit(fixture.readers, [{ topic: fixture.topic, partition: 0, offset: 0n }]);
    await expect(commit).rejects.toMatchObject({ code: "group-not-empty" });
  } finally {
    await stranger.disconnect();
  }
});
