import { afterAll, beforeAll, expect, test } from "vitest";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { connect } from "../../postgres/connect.ts";
import type { Call, Called } from "../../testing/http-call.ts";
import { reserveLines } from "../testing/reservations.ts";
import { any, unknown, unknownReservation, walkReads, walkReservations, walkWrites } from "./testing/api-walk.ts";
import { type DocumentCheck, documentCheck, type Operation } from "./testing/document-check.ts";
import { createTestApi, newProduct, type TestApi } from "./testing/test-api.ts";

let api: TestApi;
// biome-ignore lint/suspicious/noExplicitAny: the document is what is tested
let document: any;
let held: DocumentCheck;
beforeAll(async () => {
  api = await createTestApi();
  document = (await api.ask("GET /openapi.json")).body;
  held = documentCheck(document);
});
afterAll(() => api[Symbol.asyncDispose]());

const walk = async (asked: string, more?: Call, ask = api.ask): Promise<Called> =>
  held.check(asked, await ask(asked, more));

const operations: readonly [asked: string, more: Call][] = [
  ["POST /products", { body: newProduct() }],
  [`PATCH ${unknown}`, { body: {}, headers: any }],
  [`DELETE ${unknown}`, { headers: any }],
  [`GET ${unknown}`, {}],
  ["GET /products/by-sku/x", {}],
  ["GET /products", {}],
  ["POST /reservations", { body: { lines: [{ productId: unknown.slice("/products/".length), quantity: 1 }] } }],
  [`GET ${unknownReservation}`, {}],
  [`POST ${unknownReservation}/confirm`, {}],
  [`POST ${unknownReservation}/cancel`, {}],
  ["GET /health", {}],
  ["GET /openapi.json", {}],
];

/** The problems that any operation may have. */
const walkFaults = async () => {
  const down = connect({ url: "postgres://nobody@127.0.0.1:1/none", connectTimeoutMs: 500 });
  const away = api.askWith({
    db: down,
    searchProducts: () => Promise.reject(new SluiceError("search-unavailable", "away", { canRetry: true })),
    probes: [
      {
        ...{ name: "postgres:responseTime", componentType: "datastore", whenDown: "fail" },
        observe: () => down.query({ text: "select 1" }).then(() => ({ observedValue: 1, observedUnit: "ms" })),
      },
    ],
  });
  const broken = api.askWith({ db: {} as never, searchProducts: () => Promise.reject(new TypeError("bug")) });
  for (const [asked, more] of operations) {
    await walk(`${asked}${asked.includes("?") ? "&" : "?"}unknown=1`, more);
    await walk(asked, { ...more, headers: { ...more.headers, accept: "text/html" } });
    await walk(asked, { ...more, body: JSON.stringify("x".repeat(262_144)) });
    await walk(asked, more, away);
    await walk(asked, more, broken);
  }
  await down.end();
};

/** A key whose first request is still being worked on. */
const walkBusyKey = async () => {
  const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = api.askWith({
    appendToOutbox: () => {
      begun.resolve();
      return end.promise;
    },
  });
  const { id } = (await api.ask("POST /products", { body: newProduct() })).body;
  const asked = [
    "POST /reservations",
    { body: { lines: [{ productId: id, quantity: 1 }] }, headers: { "idempotency-key": "busy" } },
  ] as const;
  const first = slow(...asked);
  await begun.promise;
  await walk(...asked);
  end.resolve();
  await first;
};

/** Described for every operation alike, but these cannot come to it: they touch no part that may be away or broken. */
const unreachable = ["getOpenApi 500", "getOpenApi 503", "getHealth 500"];

test("every answer of the API is as its own document says, and everything in the document was met", async () => {
  const made = await walkWrites(walk, "walk");
  await api.project();
  await walkReads(walk, made);
  await walkReservations(walk, "walk", (id) => reserveLines(api.db, id));
  await walkBusyKey();
  await walkFaults();

  const described = Object.values<Record<string, Operation>>(document.paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ operationId, responses }) => Object.keys(responses).map((status) => `${operationId} ${status}`));
  expect(described.filter((one) => !held.seen.has(one)).sort()).toEqual(unreachable.sort());
});
