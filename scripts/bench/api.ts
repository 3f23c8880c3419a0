import type { Context } from "aws-lambda";
import { createApi } from "../../shared/catalogue/api/create-api.ts";
import type { AppendToOutbox } from "../../shared/catalogue/to-outbox-message.ts";
import type { HttpHandler } from "../../shared/http/create-http-api.ts";
import type { HttpEvent } from "../../shared/http/http-event.ts";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { silentLog } from "../../shared/observability/logger.ts";
import { createObservability, observed } from "../../shared/observability/observed.ts";
import { appendToOutbox } from "../../shared/outbox/append-to-outbox.ts";
import { connect } from "../../shared/postgres/connect.ts";
import type { Database } from "../../shared/postgres/queryable.ts";
import { alternate, type Bench, median } from "./bench.ts";
import { benchDatabase } from "./database/bench-database.ts";

const clients = 16;
const requests = 6_000;
const runs = 5;

/** What nobody may compose but a bench: a change whose event is lost. */
const appendNothing: AppendToOutbox = async () => {};

let made = 0;

/** `POST /products` with some 500 bytes of product. */
const request = (withKey: boolean): HttpEvent => {
  const number = made++;
  const body = {
    sku: `sku-${number}`,
    title: `Product number ${number}`,
    description: "x".repeat(180),
    category: "bench",
    price: { amount: number, currency: "EUR" },
    stock: 5,
    attributes: { colour: "brown", legs: 4 },
    status: "active",
  };
  return {
    version: "2.0",
    rawQueryString: "",
    headers: { "content-type": "application/json", ...(withKey ? { "idempotency-key": `key-${number}` } : {}) },
    requestContext: { http: { method: "POST", path: "/products" } },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  } as unknown as HttpEvent;
};

/** Requests/s of the handler, each client sending the next request when the last one is answered. */
const measure = async (handler: HttpHandler, count: number, withKey: boolean): Promise<number> => {
  let left = count;
  const client = async (): Promise<void> => {
    while (left-- > 0) {
      const { statusCode, body } = await handler(request(withKey), {} as Context);
      if (statusCode !== 201) throw new SluiceError("bench-failed", `POST /products answered ${statusCode}: ${body}`);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  return (count * 1000) / (performance.now() - started);
};

const compare = async (db: Database, withKey: boolean) => {
  const api = (append: AppendToOutbox) => {
    const observability = createObservability("api");
    return observed(
      // counted as in the function, and written every few seconds
      { ...observability, db, countsEveryMs: 1_000 },
      createApi({
        db,
        appendToOutbox: append,
        log: silentLog,
        durations: observability.tally,
        clock: Date.now,
        searchProducts: async () => ({ items: [], after: undefined }),
      }),
    );
  };
  const [ours, theirs] = [api(appendToOutbox), api(appendNothing)];
  const run = (handler: HttpHandler) => async () => {
    await db.query({ text: "truncate products, outbox, idempotency_keys" });
    await db.query({ text: "checkpoint" });
    return measure(handler, requests, withKey);
  };
  await measure(theirs, requests / 3, withKey); // compiles, connects, prepares
  await measure(ours, requests / 3, withKey);
  const measured = await alternate(runs, run(ours), run(theirs));
  return { ours: median(measured.ours), theirs: median(measured.theirs) };
};

/** What the outbox costs a write: `POST /products` through the Lambda handler, with its writer and with one that does nothing. */
export const bench: Bench = ({ addresses, log }) =>
  benchDatabase(addresses.databaseUrl, "api", async (url) => {
    const db = connect({ url, max: clients });
    try {
      log(`${runs} runs of ${requests} requests by ${clients} clients, by turns`);
      const plain = await compare(db, false);
      log("and again with an Idempotency-Key on each");
      const keyed = await compare(db, true);
      const row = (what: string, { ours, theirs }: typeof plain) => ({
        request: what,
        "with outbox /s": Math.round(ours),
        "without /s": Math.round(theirs),
        ratio: Number((ours / theirs).toFixed(3)),
      });
      return {
        ...{ bench: "api", unit: "requests/s" },
        value: Math.round(plain.ours),
        baseline: Math.round(plain.theirs),
        ratio: Number((plain.ours / plain.theirs).toFixed(3)),
        peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
        table: [row("POST /products", plain), row("with Idempotency-Key", keyed)],
      };
    } finally {
      await db.end();
    }
  });
