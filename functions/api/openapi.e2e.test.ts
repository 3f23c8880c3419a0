import { randomUUID } from "node:crypto";
import { expect, inject, test } from "vitest";
import { any, walkReads, walkReservations, walkWrites } from "../../shared/catalogue/api/testing/api-walk.ts";
import { documentCheck } from "../../shared/catalogue/api/testing/document-check.ts";
import { eventually } from "../../shared/testing/eventually.ts";
import type { Call, Called } from "../../shared/testing/http-call.ts";

const url = inject("systemUrl");

/** What HTTP and the gateway add to every answer, and no document describes. */
const ofTransport = new Set([
  "date",
  "connection",
  "keep-alive",
  "content-length",
  "transfer-encoding",
  "apigw-requestid",
]);

const ask = async (asked: string, { headers = {}, body }: Call = {}): Promise<Called> => {
  const [method = "", target = ""] = asked.split(" ");
  const response = await fetch(`${url}${target}`, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const described = [...response.headers].filter(([name]) => !ofTransport.has(name));
  const isJson = /^application\/([\w.-]+\+)?json/.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    headers: Object.fromEntries(described),
    text,
    body: isJson && text !== "" ? JSON.parse(text) : undefined,
  };
};

test("the running API answers as the document says that it gives out", async () => {
  // given
  const { check, seen } = documentCheck((await ask("GET /openapi.json")).body);
  const walk = async (asked: string, more?: Call) => check(asked, await ask(asked, more));

  // when
  const made = await walkWrites(walk, randomUUID());
  await eventually(
    () => ask(`GET ${made.path}`),
    ({ status, body }) => status === 200 && body.version === 2,
  );
  await walkReads(walk, made);
  await walkReservations(walk, randomUUID(), (id) =>
    eventually(
      () => ask(`GET /reservations/${id}`),
      ({ body }) => ["reserved", "confirmed"].includes(body.state),
    ),
  );
  await walk("POST /products", { body: "x".repeat(300_000) });
  await walk(`PATCH ${made.path}`, { body: { colour: "red" }, headers: any });

  // then
  for (const met of [
    "createProduct 201",
    "createProduct 413",
    "createProduct 422",
    "placeReservation 202",
    "confirmReservation 200",
    "getHealth 200",
  ])
    expect(seen).toContain(met);
});
