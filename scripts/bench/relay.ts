import { alternate, type Bench, median } from "./bench.ts";
import { type BenchOutbox, keys, withBenchOutbox } from "./outbox/bench-outbox.ts";
import { startChild, startPublisher } from "./outbox/child.ts";

const rows = 200_000;
const many = 1_000_000;
const runs = 5;

type Drained = { readonly perSecond: number; readonly peakRssMb: number };

/** The publisher itself, in a process of its own, from its first look at the outbox until the outbox is empty. */
const drain = async (outbox: BenchOutbox, brokers: string, expected: number): Promise<Drained> => {
  const { answer, peakRssMb } = await startPublisher("drain", outbox.databaseUrl, brokers).answer;
  if (answer.sent !== expected) throw new Error(`the relay sent ${answer.sent} of ${expected} rows`);
  return { perSecond: (answer.sent / answer.milliseconds) * 1000, peakRssMb };
};

/** The same backlog drained by turns: in an outbox that has nothing else, and in one that more and more SENT rows lie in. */
const compareBehind = async (
  empty: BenchOutbox,
  behind: BenchOutbox,
  drainOnce: (outbox: BenchOutbox) => Promise<number>,
) => {
  const measured = await alternate(
    runs,
    async () => {
      await behind.add(rows);
      return drainOnce(behind);
    },
    async () => {
      await empty.fill(rows);
      return drainOnce(empty);
    },
  );
  return { empty: Math.round(median(measured.theirs)), behind: Math.round(median(measured.ours)) };
};

const publish = async (outbox: BenchOutbox, brokers: string): Promise<number> => {
  const { milliseconds } = (await startChild("scripts/bench/outbox/published-producer.ts", [], {
    BROKERS: brokers,
    TOPIC: outbox.topic,
    RECORDS: String(rows),
    KEYS: String(keys),
  }).answer) as { milliseconds: number };
  return (rows / milliseconds) * 1000;
};

/**
 * Rows drained a second, beside kafkajs's producer as published, which sends the same records from memory. Median of 5 alternating runs.
 * Then a backlog of a million, for the memory, and on top of what is SENT of that the same 200,000 again and again. Nothing is ever analyzed.
 */
export const bench: Bench = ({ addresses, log }) =>
  withBenchOutbox(addresses, async (outbox) => {
    const brokers = addresses.kafkaBrokers;
    const peaks: number[] = [];
    const drainOnce = async (expected: number, from = outbox): Promise<number> => {
      const { perSecond, peakRssMb } = await drain(from, brokers, expected);
      peaks.push(peakRssMb);
      log(`relay: ${Math.round(perSecond)} rows/s of ${expected}, peak ${peakRssMb} MB`);
      return perSecond;
    };
    const { ours, theirs } = await alternate(
      runs,
      async () => {
        await outbox.fill(rows);
        return drainOnce(rows);
      },
      async () => {
        const perSecond = await publish(outbox, brokers);
        log(`kafkajs as published: ${Math.round(perSecond)} records/s`);
        return perSecond;
      },
    );
    const value = Math.round(median(ours));
    const baseline = Math.round(median(theirs));
    const table: Record<string, string | number>[] = [
      { what: `relay, ${rows} pending`, "rows/s": value, "peak MB": Math.max(...peaks) },
      { what: "kafkajs as published, from memory", "rows/s": baseline, "peak MB": "" },
    ];
    await withBenchOutbox(addresses, async (behind) => {
      await behind.fill(many);
      const perSecond = Math.round(await drainOnce(many, behind));
      table.push({ what: `relay, ${many} pending`, "rows/s": perSecond, "peak MB": peaks.at(-1) ?? 0 });
      const compared = await compareBehind(outbox, behind, (from) => drainOnce(rows, from));
      const what = `relay, ${rows} pending, ${many} to ${many + runs * rows} SENT behind`;
      table.push({ what, "rows/s": compared.behind, "peak MB": Math.max(...peaks) });
      table.push({ what: "the same by turns, none SENT", "rows/s": compared.empty, "peak MB": "" });
    });
    return {
      bench: "relay",
      value,
      unit: "rows/s",
      baseline,
      ratio: Math.round((value / baseline) * 100) / 100,
      peakRssMb: Math.max(...peaks),
      table,
    };
  });
