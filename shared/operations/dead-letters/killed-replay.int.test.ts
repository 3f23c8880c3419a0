import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { InboundRecord } from "../../messaging/record.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { connect } from "../../postgres/connect.ts";
import type { Database } from "../../postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../../testing/database.ts";
import { eventually } from "../../testing/eventually.ts";
import { startNode } from "../../testing/stack-command.ts";
import { listAudit } from "../audit/list-audit.ts";
import { findHolder } from "../read-model-lease/find-holder.ts";
import { runReplay } from "./run-replay.ts";
import { createDeadLetterTopic, type DeadLetterTopic } from "./testing/dead-letter-topic.ts";
import type { FaultPoint, KilledReplay } from "./testing/killed-replay.ts";

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 2 });
});
afterAll(async () => {
  await db?.end();
  await database?.drop();
});

const records = 600;
const pageRecords = 50;
const claimMs = 1_000;
const leaseMs = 1_000;
const idOf = (record: InboundRecord) => String(record.headers[0]?.[1]);

const fill = async (topics: DeadLetterTopic) => {
  const headers = (index: number) => [["ce_id", `id-${index}`]] as const;
  await topics.publish(
    Array.from({ length: records }, (_, index) => ({
      topic: topics.origin,
      key: `key-${index % 40}`,
      value: String(index),
      headers: headers(index),
    })),
  );
  const originals = await topics.read(topics.origin);
  await topics.deadLetter(originals);
  return originals;
};

type Died = { readonly projection: string; readonly faultPoint: FaultPoint; readonly page: number };

const kill = async (topics: DeadLetterTopic, died: Died): Promise<void> => {
  const { brokers, topic, origin: target } = topics;
  const given: KilledReplay = {
    ...{ databaseUrl: database.url, brokers, topic, target, pageRecords, claimMs, leaseMs },
    ...died,
  };
  const child = startNode(["shared/operations/dead-letters/testing/killed-replay.ts", JSON.stringify(given)]);
  child.stderr?.pipe(process.stderr);
  expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
};

/** As an operator would: again, while what died has records in flight. */
const runAgain = (topics: DeadLetterTopic, projection: string) =>
  eventually(
    async () => {
      try {
        const route = { deadLetterTopic: topics.topic, origins: [topics.origin], projection };
        const asked = { route, target: topics.origin, filter: {}, execute: true, pageRecords, claimMs };
        const { signal } = new AbortController();
        const by = { actor: "bob", owner: "again", leaseMs };
        return await runReplay({ db, ...topics, clock: Date.now }, { ...asked, ...by, signal });
      } catch (fault) {
        if (fault instanceof SluiceError && ["replay-running", "lease-held"].includes(fault.code)) return undefined;
        throw fault;
      }
    },
    (report) => report !== undefined,
  );

const dead = { owner: "killed", operation: "dlq replay" };

test.each<Omit<Died, "projection"> & { sentBefore: number; settledBefore: number; holder?: object }>([
  { faultPoint: "lease taken", page: 1, sentBefore: 0, settledBefore: 0, holder: dead },
  { faultPoint: "claiming", page: 2, sentBefore: 50, settledBefore: 50, holder: dead },
  { faultPoint: "claimed", page: 2, sentBefore: 50, settledBefore: 50, holder: dead },
  { faultPoint: "half-sent", page: 2, sentBefore: 75, settledBefore: 50, holder: dead },
  { faultPoint: "sent", page: 2, sentBefore: 100, settledBefore: 50, holder: dead },
  { faultPoint: "settled", page: 2, sentBefore: 100, settledBefore: 100, holder: dead },
  { faultPoint: "before the lease is given back", page: 1, sentBefore: 600, settledBefore: 600, holder: dead },
  { faultPoint: "lease given back", page: 1, sentBefore: 600, settledBefore: 600 },
])(
  "killed when $faultPoint, a second run sends each of the others once, and what was in flight at the most once more",
  async ({ faultPoint, page, sentBefore, settledBefore, holder }) => {
    // given
    await using topics = await createDeadLetterTopic();
    const originals = await fill(topics);
    const projection = randomUUID();
    await kill(topics, { projection, faultPoint, page });
    const before = (await topics.read(topics.origin)).length - records;
    expect(before).toBe(sentBefore);
    expect(await findHolder(db, projection)).toEqual(holder && expect.objectContaining(holder));

    // when
    const report = await runAgain(topics, projection);

    // then
    expect(report).toMatchObject({ replayed: records - settledBefore, alreadyReplayed: settledBefore });
    const ids = (await topics.read(topics.origin)).filter(({ headers }) => headers.length === 2).map(idOf);
    expect(ids).toHaveLength(records + sentBefore - settledBefore);
    expect([...new Set(ids)]).toEqual(originals.map(idOf)); // all of them, first deliveries in the order of each partition
    expect(await findHolder(db, projection)).toBeUndefined();
    const runs = (await listAudit(db, { limit: 1_000 })).filter(({ target }) => target === topics.topic);
    expect(runs[0]).toMatchObject({ actor: "bob", outcome: "done", after: { replayed: report?.replayed } });
    expect(runs.at(-1)).toMatchObject({ actor: "ann", outcome: "started" }); // its process was killed
  },
);
