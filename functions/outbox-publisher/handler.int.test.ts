import { join } from "node:path";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { startFunctionPool } from "../../scripts/host/process/function-pool.ts";
import { silentLog } from "../../shared/observability/logger.ts";
import { shardLeases } from "../../shared/outbox/shard-leases.ts";
import { connect } from "../../shared/postgres/connect.ts";
import { userUrl } from "../../shared/postgres/database-user.ts";
import type { Database } from "../../shared/postgres/queryable.ts";
import { appendAndCommit } from "../../shared/testing/append-and-commit.ts";
import { createDatabase, type TestDatabase } from "../../shared/testing/database.ts";
import { createTopic, type TestTopic } from "../../shared/testing/kafka-topic.ts";
import { outboxMessage } from "../../shared/testing/outbox-messages.ts";

let database: TestDatabase;
let db: Database;
let topic: TestTopic;
beforeEach(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 2 });
  topic = await createTopic({ partitions: 1 });
});
afterEach(async () => {
  await topic.drop();
  await db.end();
  await database.drop();
});

const drainers = async () => (await db.query({ text: "select from outbox_drainer" })).rowCount;

// Lambda sends SIGTERM only where an extension is registered: what an invocation has taken must be
// given back when it ends.
test.each(["drain", "continuous"])(
  "a publisher that is killed after an invocation in %s mode has given its leases back and told what it sent",
  async (mode) => {
    // given
    await appendAndCommit(
      db,
      ["a", "b", "c"].map((key) => outboxMessage(topic.name, key)),
    );
    const pool = startFunctionPool({
      spec: {
        name: "outbox-publisher",
        handlerFile: join(import.meta.dirname, "handler.ts"),
        timeoutMs: 4_500, // of which it leaves 2.5 s for its end
        concurrency: 1,
      },
      environment: {
        ...(process.env as Record<string, string>),
        DATABASE_URL: userUrl(database.url, "outbox-publisher"),
        KAFKA_BROKERS: inject("stack").kafkaBrokers,
        OUTBOX_SEND_TIMEOUT_MS: "1000",
      },
      onLine: () => {},
      log: silentLog,
    });

    // when
    const result = await pool.invoke(JSON.stringify({ mode }));
    for (const pid of pool.status().pids) process.kill(pid, "SIGKILL");

    // then
    expect(result).toMatchObject({ ok: true, payload: expect.stringContaining('"sent":3') });
    expect((await shardLeases(db)).filter(({ owner }) => owner !== undefined)).toEqual([]);
    expect(await drainers()).toBe(0);
    const { rows } = await db.query({ text: "select counts from function_counts where function = 'outbox-publisher'" });
    expect(rows).toMatchObject([{ counts: { '["Sent"]': 3, '["Invocations"]': 1 } }]);
    await pool.stop(0);
  },
);
