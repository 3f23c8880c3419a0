import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uuidV7 } from "../../messaging/uuid-v7.ts";
import { appendToOutbox } from "../../outbox/append-to-outbox.ts";
import { createReservationApi, type ReservationApi } from "./testing/reservation-api.ts";

let api: ReservationApi;
beforeAll(async () => {
  api = await createReservationApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const nobody = "019b7f2e-6c1a-7b3e-9d52-2f6f0c5a1e77";

describe("POST /reservations", () => {
  test("answers 202 with the reservation and where it is, and writes the event and the command that sets it going", async () => {
    const lines = [
      { productId: await api.product(), quantity: 1 },
      { productId: await api.product({ status: "draft" }), quantity: 1_000_000 },
    ];
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const { status, headers, body, text } = await api.place(lines, {}, { "x-correlation-id": "c-1", traceparent });

    expect(status).toBe(202);
    expect(headers["location"]).toBe(`/reservations/${body.id}`);
    expect(body).toEqual({
      ...{ id: body.id, state: "placed", version: 1, placedAt: body.placedAt, updatedAt: body.updatedAt },
      expiresAt: new Date(Date.parse(body.placedAt) + 900_000).toISOString(),
      lines: lines.map((line) => ({ ...line, outcome: "pending" })),
      history: [{ state: "placed", at: body.updatedAt }],
    });
    const [event, command, ...more] = await api.messagesOf(body.id);
    const shared = { partition_key: body.id, aggregate_type: "reservation", correlation_id: "c-1", traceparent };
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      ...{ ...shared, type: "reservation.placed", topic: "product.events", aggregate_version: 1, causation_id: null },
    });
    expect(JSON.parse(event?.payload ?? "")).toEqual(body);
    expect(command).toMatchObject({
      ...{ ...shared, type: "reservation.place", topic: "product.commands", aggregate_version: null },
      causation_id: event?.event_id,
    });
    const { id, placedAt, expiresAt } = body;
    expect(JSON.parse(command?.payload ?? "")).toEqual({ id, lines, placedAt, expiresAt });
    expect((await api.get(id)).text).toBe(text);
  });

  test.each([1, 86_400])("ends after %d s where that is asked for", async (expiresInSeconds) => {
    const { body } = await api.place([{ productId: await api.product(), quantity: 1 }], { expiresInSeconds });
    expect(Date.parse(body.expiresAt) - Date.parse(body.placedAt)).toBe(expiresInSeconds * 1000);
  });

  const line = { productId: nobody, quantity: 1 };
  test.each([
    [{ lines: [] }, "/lines"],
    [{ lines: Array.from({ length: 51 }, () => line) }, "/lines"],
    [{ lines: [{ ...line, quantity: 0 }] }, "/lines/0/quantity"],
    [{ lines: [line, { ...line, quantity: 1_000_001 }] }, "/lines/1/quantity"],
    [{ lines: [{ ...line, quantity: 1.5 }] }, "/lines/0/quantity"],
    [{ lines: [{ ...line, productId: "x" }] }, "/lines/0/productId"],
    [{ lines: [{ ...line, productId: nobody.toUpperCase() }] }, "/lines/0/productId"],
    [{ lines: [{ ...line, price: 1 }] }, "/lines/0/price"],
    [{ lines: [line], colour: "red" }, "/colour"],
    [{ lines: [line], expiresInSeconds: 0 }, "/expiresInSeconds"],
    [{ lines: [line], expiresInSeconds: 86_401 }, "/expiresInSeconds"],
    [{}, "/lines"],
    [[], ""],
  ])("refuses %j", async (body, pointer) => {
    const before = await api.counts();
    expect(await api.ask("POST /reservations", { body })).toMatchObject({
      status: 400,
      body: { type: "urn:sluice:problem:invalid-request", errors: [{ pointer }] },
    });
    expect(await api.counts()).toEqual(before);
  });

  test("names every line with a product that is on one before it, that there is not, or that is archived", async () => {
    const [good, other, gone] = [await api.product(), await api.product(), await api.archivedProduct()];
    const problem = async (...products: string[]) => {
      const { status, headers, body } = await api.place(products.map((productId) => ({ productId, quantity: 1 })));
      expect({ status, type: headers["content-type"] }).toEqual({ status: 422, type: "application/problem+json" });
      return [
        body.type.replace("urn:sluice:problem:", ""),
        body.errors.map(({ pointer }: { pointer: string }) => pointer),
      ];
    };
    const before = await api.counts();

    expect(await problem(good, other, good, good)).toEqual([
      "duplicate-product",
      ["/lines/2/productId", "/lines/3/productId"],
    ]);
    expect(await problem(nobody, good, uuidV7())).toEqual([
      "unknown-product",
      ["/lines/0/productId", "/lines/2/productId"],
    ]);
    expect(await problem(good, gone, other)).toEqual(["product-archived", ["/lines/1/productId"]]);
    expect(await problem(gone, nobody)).toEqual(["unknown-product", ["/lines/1/productId"]]);
    expect(await api.counts()).toEqual(before);
  });

  // Invariant 1: a domain change and its outbox rows commit together or not at all.
  test("given an outbox that fails, then there is no reservation and no message, and the key is free", async () => {
    const lines = [{ productId: await api.product(), quantity: 1 }];
    const key = { "idempotency-key": randomUUID() };
    const failing = api.askWith({
      appendToOutbox: async (tx, messages) => {
        appendToOutbox(tx, messages);
        throw new Error("the outbox is away");
      },
    });
    const before = await api.counts();

    expect((await failing("POST /reservations", { body: { lines }, headers: key })).status).toBe(500);

    expect(await api.counts()).toEqual(before);
    expect((await api.place(lines, {}, key)).status).toBe(202);
  });

  test("10 requests at once with one Idempotency-Key place one reservation and get the same answer", async () => {
    const lines = [{ productId: await api.product(), quantity: 1 }];
    const headers = { "idempotency-key": randomUUID(), "x-correlation-id": "c" };
    const [before = 0] = await api.counts();

    const answers = await Promise.all(Array.from({ length: 10 }, () => api.place(lines, {}, headers)));

    expect(answers[0]?.status).toBe(202);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect((await api.counts())[0]).toBe(before + 1);
    expect(await api.messagesOf(answers[0]?.body.id)).toHaveLength(2);
    expect((await api.place(lines, { expiresInSeconds: 5 }, headers)).body.type).toBe(
      "urn:sluice:problem:idempotency-key-reused",
    );
  });

  test("a refusal is kept with its key: the answer is the same after the product was made", async () => {
    const headers = { "idempotency-key": randomUUID(), "x-correlation-id": "c" };
    const lines = [{ productId: await api.archivedProduct(), quantity: 1 }];
    const refused = await api.place(lines, {}, headers);
    await api.db.query({ text: "update products set status = 'active' where id = $1", values: [lines[0]?.productId] });

    expect(refused.status).toBe(422);
    expect(await api.place(lines, {}, headers)).toEqual(refused);
    expect((await api.place(lines)).status).toBe(202);
  });
});
