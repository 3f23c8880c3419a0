import { productReadModel } from "../../shared/catalogue/product-read-model.ts";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { connect } from "../../shared/postgres/connect.ts";
import type { Database } from "../../shared/postgres/queryable.ts";
import { connectSearch } from "../../shared/search/search-client.ts";
import { alternate, type Bench, median } from "./bench.ts";
import { benchDatabase } from "./database/bench-database.ts";
import { rawRebuild } from "./rebuild/raw-rebuild.ts";
import { startReaders } from "./rebuild/readers.ts";
import { openRebuilder } from "./rebuild/rebuilder.ts";

const rows = 200_000;
const runs = 3;

/** Products of some 500 bytes of JSON, each in the write model only; a twentieth of them archived. */
const fill = (db: Database) =>
  db.query({
    text: `
      insert into products (id, sku, title, description, category, price_amount, price_currency, stock, attributes, status, version,
        created_at, updated_at, reserved, committed)
      select ('01a20af1-' || lpad(to_hex(n / 4096), 4, '0') || '-7' || lpad(to_hex(n % 4096), 3, '0') || '-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
        'sku-' || n, 'oak table ' || n, repeat('a long and light shelf of old ash ', 7), 'furniture', n, 'EUR', n % 100,
        jsonb_build_object('colour', 'brown', 'legs', 4), case when n % 20 = 0 then 'archived' else 'active' end, 1 + n % 3,
        '2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05.678Z', 0, 0
      from generate_series(1, $1) as n`,
    values: [rows],
  });

/**
 * A rebuild from its start to the swap, the comparison of every row included, beside the least that writes the same: a scan by keyset,
 * a bulk request over plain HTTP and an upsert, page by page. Readers of the swap are counted in a run of their own.
 */
export const bench: Bench = ({ addresses, log }) =>
  benchDatabase(addresses.databaseUrl, "rebuild", async (databaseUrl) => {
    const db = connect({ url: databaseUrl, max: 6 });
    const search = connectSearch({ url: addresses.openSearchUrl, timeoutMs: 60_000 });
    const model = productReadModel(`sluicebench-${process.pid}`);
    const rebuilder = await openRebuilder({ db, search, model, brokers: addresses.kafkaBrokers });
    const raw = { databaseUrl, openSearchUrl: addresses.openSearchUrl, db, search, model };
    try {
      await fill(db);
      await db.query({ text: "vacuum analyze products" });
      log(`${rows} products; warming up: the JVM compiles, connections open`);
      await rebuilder.rebuild();
      await rawRebuild(raw, rows);
      log(`${runs} runs of each by turns`);
      const measured = await alternate(
        runs,
        async () => rows / (await rebuilder.rebuild()),
        async () => rows / (await rawRebuild(raw, rows)),
      );
      log("once more, with readers at work");
      const stop = startReaders({ db, search, alias: model.index.alias, rows });
      await rebuilder.rebuild();
      const reads = await stop();
      if (reads.errors > 0) throw new SluiceError("bench-failed", `${reads.errors} reads failed: ${reads.first}`);
      const [ours, theirs] = [median(measured.ours), median(measured.theirs)];
      const row = (what: string, rate: number) => ({
        what,
        "rows/s": Math.round(rate),
        "of raw": Number((rate / theirs).toFixed(2)),
      });
      return {
        ...{ bench: "rebuild", unit: "rows/s", value: Math.round(ours), baseline: Math.round(theirs) },
        ratio: Number((ours / theirs).toFixed(3)),
        peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
        table: [
          row("raw scan, then _bulk, then upsert", theirs),
          row("sluice, compared and swapped", ours),
          row("of that the load", median(rebuilder.loadRates)),
          { what: `reads during it: ${reads.count}, errors: ${reads.errors}`, "rows/s": 0, "of raw": 0 },
        ],
      };
    } finally {
      await rebuilder.close();
      await Promise.all([db.end(), search.close()]);
    }
  });
