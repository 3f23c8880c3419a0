import { afterEach, beforeEach, expect, test } from "vitest";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { listAudit } from "../audit/list-audit.ts";
import { findHolder } from "../read-model-lease/find-holder.ts";
import { beginRun } from "./begin-run.ts";
import { listRuns } from "./list-runs.ts";
import { openRewindFixture, type RewindFixture } from "./testing/rewind-fixture.ts";
import { toUndo, undoRun } from "./undo-run.ts";

let fixture: RewindFixture;
beforeEach(async () => {
  fixture = await openRewindFixture();
  await fixture.publish(Array.from({ length: 20 }, (_, index) => ({ key: `k${index}`, value: "v", headers: [] })));
  await fixture.caughtUp();
});
afterEach(() => fixture?.close());

const signal = new AbortController().signal;
const registered = async () => (await fixture.parts.db.query({ text: "select run from projection_rewind" })).rows;
const audited = () => listAudit(fixture.parts.db, { operation: "replay undo", limit: 9 });

/** A run to the beginning that nobody reads after, as its mapping was found off. */
const openFollowed = async (): Promise<string> => {
  fixture.mapping.disable();
  await fixture.mapping.reached("Disabled");
  return (await fixture.rewind({ kind: "to-earliest" })).id;
};

/** Nothing is ended: neither the run nor what goes with it. */
const expectFollowed = async (id: string): Promise<void> => {
  expect(await listRuns(fixture.parts.db, 9)).toMatchObject([{ id, step: "follow", outcome: undefined }]);
  expect(await registered()).toEqual([{ run: id }]);
  expect(await findHolder(fixture.parts.db, "things")).toMatchObject({ run: id });
  expect(await fixture.committed()).toEqual({ 0: 0n, 1: 0n });
};

const undo = { actor: "ann", operation: "replay undo", reason: "wrong group" };

test.each([
  ["undoRun", (id: string) => undoRun(fixture.parts, { id, ...undo, planHash: "another" }, signal)],
  [
    "the state machine's begin",
    async (id: string) => beginRun(fixture.parts, await toUndo(fixture.parts, { id, ...undo, planHash: "another" })),
  ],
])(
  "undone by another plan than was shown, by %s: refused, and the run that it would have ended goes on",
  async (_, begin) => {
    const id = await openFollowed();

    await expect(begin(id)).rejects.toMatchObject({ code: "plan-changed" });

    await expectFollowed(id);
    expect(await audited()).toMatchObject([{ target: fixture.groupId, outcome: "refused" }]);
  },
);

test("an undo whose run cannot be written down, or whose run is with a living process, ends nothing", async () => {
  const id = await openFollowed();
  const { db } = fixture.parts;
  const transaction = ((work) =>
    db.transaction((tx) =>
      work({
        ...tx,
        query: (statement) => {
          if (statement.text.includes("insert into rewind_run")) throw new SluiceError("postgres-unavailable", "away");
          return tx.query(statement);
        },
      }),
    )) as typeof db.transaction;
  const away = { ...fixture.parts, db: { ...db, transaction } };

  await expect(undoRun(away, { id, ...undo }, signal)).rejects.toMatchObject({ code: "postgres-unavailable" });
  await expectFollowed(id);

  await db.query({ text: "update read_model_lease set owner = 'x', expires_at = now() + interval '1 hour'" });
  const patient = { ...fixture.parts, leaseMs: 200 };
  await expect(undoRun(patient, { id, ...undo }, signal)).rejects.toMatchObject({ code: "lease-held" });
  await expectFollowed(id);
});

test("a run that an undo ends has a line in the audit, which names the undo", async () => {
  const id = await openFollowed();

  const undone = await undoRun(fixture.parts, { id, ...undo }, signal);

  expect(await audited()).toMatchObject([
    {
      ...undo,
      target: id,
      outcome: "done",
      before: { step: "follow" },
      after: { outcome: "superseded", by: undone.id },
    },
    { ...undo, target: fixture.groupId, run: undone.id, outcome: "done" },
  ]);
});
