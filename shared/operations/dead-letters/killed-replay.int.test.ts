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
import { replayDeadLetters } from "./replay-dead-letters.ts";
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

const kill = async (topics: DeadLetterTopic, faultPoint: FaultPoint): Promise<void> => {
  const { brokers, topic, origin: target } = topics;
  const run = randomUUID();
  const given: KilledReplay = {
    ...{ databaseUrl: database.url, brokers, topic, target, run, pageRecords, claimMs, faultPoint, page: 2 },
  };
  const child = startNode(["shared/operations/dead-letters/testing/killed-replay.ts", JSON.stringify(given)]);
  child.stderr?.pipe(process.stderr);
  expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
};

/** As an operator would: again, while what died has records in flight. */
const runAgain = (topics: DeadLetterTopic) =>
  eventually(
    async () => {
      try {
        const route = { deadLetterTopic: topics.topic, origins: [topics.origin] };
        const request = { route, target: topics.origin, filter: {}, execute: true, run: randomUUID(), pageRecords };
        const { signal } = new AbortController();
        return await replayDeadLetters({ db, ...topics, clock: Date.now }, { ...request, claimMs, signal });
      } catch (fault) {
        if (fault instanceof SluiceError && fault.code === "replay-running") return undefined;
        throw fault;
      }
    },
    (report) => report !== undefined,
  );

test.each<{ faultPoint: FaultPoint; sentBefore: number; settledBefore: number }>([
  { faultPoint: "claiming", sentBefore: 50, settledBefore: 50 },
  { faultPoint: "claimed", sentBefore: 50, settledBefore: 50 },
  { faultPoint: "half-sent", sentBefore: 75, settledBefore: 50 },
  { faultPoint: "sent", sentBefore: 100, settledBefore: 50 },
  { faultPoint: "settled", sentBefore: 100, settledBefore: 100 },
])(
  "killed when $faultPoint, a second run sends each of the others once, and what was in flight at the most once more",
  async ({ faultPoint, sentBefore, settledBefore }) => {
    // given
    await using topics = await createDeadLetterTopic();
    const originals = await fill(topics);
    await kill(topics, faultPoint);
    const before = (await topics.read(topics.origin)).length - records;
    expect(before).toBe(sentBefore);

    // when
    const report = await runAgain(topics);

    // then
    expect(report).toMatchObject({ replayed: records - settledBefore, alreadyReplayed: settledBefore });
    const ids = (await topics.read(topics.origin)).filter(({ headers }) => headers.length === 2).map(idOf);
    expect(ids).toHaveLength(records + sentBefore - settledBefore);
    expect([...new Set(ids)]).toEqual(originals.map(idOf)); // all of them, first deliveries in the order of each partition
  },
);
