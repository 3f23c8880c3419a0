import { setTimeout as sleep } from "node:timers/promises";
import type { Product } from "../../../shared/domain/products/product.ts";
import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import type { Database } from "../../../shared/postgres/queryable.ts";
import { startHost } from "../../host/run-host.ts";
import type { StackAddresses } from "../../stack/index.ts";

const perSecond = 50;
const seconds = 20;
const lines = 3;
const warmUp = 100;
/** How often the table is looked at: what a wait may be too long by. */
const lookMs = 3;

type Waiting = Map<string, { readonly began: number; readonly done: (ms: number) => void }>;

/** Tells of each reservation, as soon as its row says so, that it is reserved. */
const watch = (db: Database, waiting: Waiting): (() => Promise<void>) => {
  let stopped = false;
  const looking = (async () => {
    while (!stopped) {
      const { rows } = await db.query<{ id: string }>({
        name: "bench-reserved",
        text: "select id from reservation where id = any ($1::uuid[]) and state = 'reserved'",
        values: [[...waiting.keys()]],
      });
      const now = performance.now();
      for (const { id } of rows) {
        const { began, done } = waiting.get(id) ?? {};
        waiting.delete(id);
        if (began !== undefined) done?.(now - began);
      }
      await sleep(lookMs);
    }
  })();
  return () => {
    stopped = true;
    return looking;
  };
};

const post = async (url: string, products: readonly Product[], number: number): Promise<string> => {
  const chosen = Array.from({ length: lines }, (_, line) => products[(number * lines + line) % products.length]);
  const answer = await fetch(`${url}/reservations`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ lines: chosen.map((product) => ({ productId: product?.id, quantity: 1 })) }),
  });
  if (answer.status !== 202) throw new SluiceError("bench-failed", `POST /reservations answered ${answer.status}`);
  return ((await answer.json()) as { id: string }).id;
};

/** Milliseconds from before `POST /reservations` of three lines until its row says `reserved`, at 50/s, whether or not those before are done. */
export const reservationLatency = async (
  addresses: StackAddresses,
  db: Database,
  products: readonly Product[],
  log: (line: string) => void,
): Promise<readonly number[]> => {
  const only = ["api", "outbox-publisher", "product-command-consumer"];
  const host = await startHost({
    addresses,
    only,
    port: 0,
    log: (source, line) => void (/error/i.test(line) && log(`${source}: ${line}`)),
  });
  const waiting: Waiting = new Map();
  const stopWatching = watch(db, waiting);
  const reserve = async (number: number): Promise<number> => {
    const began = performance.now();
    const id = await post(host.url as string, products, number);
    const { promise, resolve } = Promise.withResolvers<number>();
    waiting.set(id, { began, done: resolve });
    return promise;
  };
  try {
    for (let number = 0; number < warmUp; number++) await reserve(number);
    const waits: Promise<number>[] = [];
    const started = performance.now();
    while (waits.length < perSecond * seconds) {
      const due = Math.floor(((performance.now() - started) / 1000) * perSecond);
      while (waits.length < due) waits.push(reserve(waits.length));
      await sleep(1);
    }
    return await Promise.all(waits);
  } finally {
    await stopWatching();
    await host.stop();
  }
};
