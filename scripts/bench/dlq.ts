import { connect } from "../../shared/postgres/connect.ts";
import { alternate, type Bench, median } from "./bench.ts";
import { benchDatabase } from "./database/bench-database.ts";
import { benchDeadLetters } from "./dlq/dead-letters.ts";
import { startChild } from "./outbox/child.ts";

const records = 100_000;
const runs = 3;

type Replayed = { readonly milliseconds: number; readonly replayed: number; readonly peakRssMb: number };

/**
 * Dead letters replayed a second, unthrottled, with 500 bytes of payload and eleven headers of their own, each process from its start; beside
 * a plain loop of kafkajs as published that reads the same records and sends them on. Median of 3 alternating runs.
 */
export const bench: Bench = ({ addresses, log }) =>
  benchDatabase(addresses.databaseUrl, "dlq", async (databaseUrl) => {
    const db = connect({ url: databaseUrl, max: 1 });
    const brokers = addresses.kafkaBrokers;
    await using letters = await benchDeadLetters(brokers, records);
    const environment = { DATABASE_URL: databaseUrl, BROKERS: brokers, RECORDS: String(records) };
    const peaks = new Map<string, number>();
    const measure = async (script: string): Promise<number> => {
      const topics = { TOPIC: letters.topic, TARGET: letters.origin };
      const child = startChild(`scripts/bench/dlq/${script}.ts`, [], { ...environment, ...topics });
      const { milliseconds, replayed, peakRssMb } = (await child.answer) as Replayed;
      if (replayed !== records) throw new Error(`${script} sent ${replayed} of ${records} records`);
      peaks.set(script, Math.max(peakRssMb, peaks.get(script) ?? 0));
      log(`${script}: ${Math.round((records * 1000) / milliseconds)} records/s, peak ${peakRssMb} MB`);
      return (records * 1000) / milliseconds;
    };
    try {
      const { ours, theirs } = await alternate(
        runs,
        async () => {
          await db.query({ text: "truncate dead_letter_replay" });
          return measure("replay");
        },
        () => measure("published-loop"),
      );
      const [value, baseline] = [Math.round(median(ours)), Math.round(median(theirs))];
      const row = (what: string, perSecond: number, script: string) => ({
        ...{ what, "records/s": perSecond, "peak MB": peaks.get(script) ?? 0 },
      });
      return {
        ...{ bench: "dlq", value, unit: "records/s", baseline, ratio: Math.round((value / baseline) * 100) / 100 },
        peakRssMb: peaks.get("replay") ?? 0,
        table: [
          row(`dlq replay, ${records} records, each in the ledger`, value, "replay"),
          row("read and produce by kafkajs as published", baseline, "published-loop"),
        ],
      };
    } finally {
      await db.end();
    }
  });
