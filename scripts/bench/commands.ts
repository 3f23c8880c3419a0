import { insertProduct } from "../../shared/catalogue/insert-product.ts";
import { connect } from "../../shared/postgres/connect.ts";
import type { Database } from "../../shared/postgres/queryable.ts";
import { alternate, type Bench, median, percentile } from "./bench.ts";
import { benchCommandTopic } from "./commands/command-topic.ts";
import { rawLoop } from "./commands/raw-loop.ts";
import { reservationLatency } from "./commands/reservation-latency.ts";
import { benchProducts, reserveCommands } from "./commands/reserve-commands.ts";
import { benchDatabase } from "./database/bench-database.ts";

const partitions = 6;
const count = 30_000;
const runs = 5;

const emptied = async (db: Database): Promise<void> => {
  await db.query({ text: "truncate inbox, outbox, stock_hold" });
  await db.query({ text: "checkpoint" });
};

/**
 * Commands/s of the consumer, from Kafka through the host's poller and the function's own process, beside a raw loop of the same
 * domain SQL; then how long a reservation of three lines takes through the whole system.
 */
export const bench: Bench = ({ addresses, log }) =>
  benchDatabase(addresses.databaseUrl, "commands", async (databaseUrl) => {
    const db = connect({ url: databaseUrl, max: partitions });
    const products = benchProducts();
    for (const product of products) await insertProduct(db, product);
    await using topic = await benchCommandTopic({ ...addresses, databaseUrl }, partitions);
    try {
      log(`${runs} runs of ${count} commands on ${products.length} products, by turns`);
      await topic.consume(reserveCommands(products, count / 3)); // compiles, connects, prepares
      await rawLoop(db, reserveCommands(products, count / 3), partitions);
      const measured = await alternate(
        runs,
        async () => {
          await emptied(db);
          return topic.consume(reserveCommands(products, count));
        },
        async () => {
          await emptied(db);
          return rawLoop(db, reserveCommands(products, count), partitions);
        },
      );
      const [value, baseline] = [Math.round(median(measured.ours)), Math.round(median(measured.theirs))];
      const { peakRssMb } = topic;
      log("reservations of three lines, 50/s, through the whole system");
      await emptied(db);
      const waits = await reservationLatency({ ...addresses, databaseUrl }, db, products, log);
      const ms = (share: number) => Math.round(percentile(waits, share) * 10) / 10;
      return {
        ...{ bench: "commands", value, unit: "commands/s", baseline },
        ratio: Math.round((value / baseline) * 100) / 100,
        peakRssMb: peakRssMb(),
        table: [
          { what: "command consumer, from Kafka", "commands/s": value, runs: measured.ours.map(Math.round).join(" ") },
          { what: "raw loop", "commands/s": baseline, runs: measured.theirs.map(Math.round).join(" ") },
          { what: "POST /reservations to reserved", "p50 ms": ms(0.5), "p95 ms": ms(0.95), "p99 ms": ms(0.99) },
        ],
      };
    } finally {
      await db.end();
    }
  });
