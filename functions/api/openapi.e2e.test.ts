import { randomUUID } from "node:crypto";
import { expect, inject, test } from "vitest";
import { any, walkReads, walkReservations, walkWrites } from "../../shared/catalogue/api/testing/api-walk.ts";
import { documentCheck } from "../../shared/catalogue/api/testing/document-check.ts";
import { askSystem } from "../../shared/testing/ask-system.ts";
import { eventually } from "../../shared/testing/eventually.ts";
import type { Call } from "../../shared/testing/http-call.ts";

const ask = askSystem(inject("systemUrl"));

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
