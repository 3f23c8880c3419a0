import { connect } from "../../../shared/postgres/connect.ts";
import type { Database } from "../../../shared/postgres/queryable.ts";
import { createDatabase } from "../../../shared/testing/database.ts";
import { createTopic } from "../../../shared/testing/kafka-topic.ts";
import { sluice } from "./sluice-process.ts";

const asItIs = (table: string) => `select to_jsonb(t) as row from ${table} t order by to_jsonb(t)::text`;

/** A database and a topic of a test's own, the tool on them, and what it must not change unasked. */
export const openOperatedSystem = async (tables: readonly string[]) => {
  const database = await createDatabase();
  const topic = await createTopic({ partitions: 2 });
  const db: Database = connect({ url: database.url, max: 2 });
  const env = { DATABASE_URL: database.url, KAFKA_BROKERS: topic.brokers, SLUICE_ACTOR: "ann" };
  const rows = async (text: string, ...values: unknown[]) => (await db.query({ text, values })).rows;
  return {
    db,
    databaseUrl: database.url,
    topic,
    rows,
    /** The tool's real process; `SLUICE_ACTOR` is ann. */
    run: (args: string, more: Readonly<Record<string, string>> = {}) =>
      sluice(
        [...args.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? ""),
        { ...env, ...more },
      ),
    /** Every row of those tables, and of the audit. */
    snapshot: () => Promise.all([...tables, "audit"].map((table) => rows(asItIs(table)))),
    audit: () =>
      rows("select actor, operation, target, outcome, reason, before, after, fault from audit order by id") as Promise<
        Record<string, unknown>[]
      >,
    close: async () => {
      await db.end();
      await Promise.all([database.drop(), topic.drop()]);
    },
  };
};
