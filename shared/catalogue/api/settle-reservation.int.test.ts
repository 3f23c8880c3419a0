import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../postgres/connect.ts";
import { eventually } from "../../testing/eventually.ts";
import { doCommand, inMs, putReservations, someReservation } from "../testing/reservations.ts";
import { createReservationApi, type ReservationApi } from "./testing/reservation-api.ts";

let api: ReservationApi;
beforeAll(async () => {
  api = await createReservationApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const nobody = "019b7f2e-6c1a-7b3e-9d52-2f6f0c5a1e77";

describe("GET /reservations/{id}", () => {
  test("tells state, lines, history and, as a weak ETag, the version; not again to who has it", async () => {
    const { id, lines, placedAt, expiresAt } = await api.placed(2);
    await doCommand(api.db, { type: "reservation.place", id, lines, placedAt, expiresAt });
    await doCommand(api.db, { type: "reservation.record-line", id, line: 0, outcome: "reserved" });
    await doCommand(api.db, {
      type: "reservation.record-line",
      id,
      line: 1,
      outcome: "refused",
      reason: "insufficient-stock",
    });

    const { status, headers, body } = await api.get(id.toUpperCase());

    expect({ status, etag: headers["etag"] }).toEqual({ status: 200, etag: 'W/"3"' });
    expect(body).toMatchObject({ state: "rejected", version: 3, placedAt, expiresAt });
    expect(body.lines).toMatchObject([
      { ...lines[0], outcome: "reserved" },
      { ...lines[1], outcome: "refused", reason: "insufficient-stock" },
    ]);
    expect(body.history.map(({ state }: { state: string }) => state)).toEqual(["placed", "reserving", "rejected"]);
    expect(await api.get(id, { "if-none-match": 'W/"3"' })).toMatchObject({ status: 304, text: "" });
    expect((await api.get(id, { "if-none-match": 'W/"2"' })).status).toBe(200);
    expect(await api.linesSent(id, "product.release-stock")).toEqual([0]);
  });

  test.each([nobody, "x", "123e4567-e89b-42d3-a456-426614174000"])("of %s, which there is not, is 404", async (id) => {
    for (const answer of [await api.get(id), await api.confirm(id), await api.cancel(id)])
      expect(answer).toMatchObject({ status: 404, body: { type: "urn:sluice:problem:not-found" } });
  });
});

describe("POST /reservations/{id}/confirm and /cancel", () => {
  test("a confirm takes the stock: one event, one commit for each line, each to its product, all caused by the event", async () => {
    const { id, lines } = await api.reserved(2);
    const before = (await api.messagesOf(id)).length;

    const answer = await api.ask(`POST /reservations/${id}/confirm`, { headers: { "x-correlation-id": "c-2" } });

    expect(answer).toMatchObject({ status: 200, headers: { etag: 'W/"4"' }, body: { state: "confirmed", version: 4 } });
    expect((await api.get(id)).body).toEqual(answer.body);
    const [event, ...commits] = (await api.messagesOf(id)).slice(before);
    expect(event).toMatchObject({ type: "reservation.confirmed", aggregate_version: 4, correlation_id: "c-2" });
    expect(JSON.parse(event?.payload ?? "")).toEqual(answer.body);
    expect(commits).toHaveLength(2);
    for (const [line, { productId }] of lines.entries()) {
      expect(commits[line]).toMatchObject({
        ...{ type: "product.commit-stock", topic: "product.commands", partition_key: productId },
        ...{ aggregate_id: productId, aggregate_version: null, causation_id: event?.event_id, correlation_id: "c-2" },
      });
      expect(JSON.parse(commits[line]?.payload ?? "")).toEqual({ id: productId, reservationId: id, line });
    }
  });

  test.each([
    ["confirm", "product.commit-stock"],
    ["cancel", "product.release-stock"],
  ])("a repeated %s answers the same and does nothing more", async (word, type) => {
    const { id } = await api.reserved();
    const ask = () => api.ask(`POST /reservations/${id}/${word}`, { headers: { "x-correlation-id": "c" } });

    const answers = [await ask(), ...(await Promise.all([ask(), ask(), ask()]))];

    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]?.status).toBe(200);
    expect(await api.linesSent(id, type)).toEqual([0]);
  });

  test("a confirm comes too early while lines are pending, and says when to come again", async () => {
    const { id } = await api.placed();
    const before = await api.messagesOf(id);

    expect(await api.confirm(id)).toMatchObject({
      ...{ status: 409, headers: { "retry-after": "1" } },
      body: { type: "urn:sluice:problem:not-reserved", detail: expect.stringContaining("placed") },
    });
    expect(await api.messagesOf(id)).toEqual(before);
  });

  test("what has ended otherwise is neither confirmed nor cancelled", async () => {
    const [confirmed, cancelled] = [await api.reserved(), await api.reserved()];
    await api.confirm(confirmed.id);
    await api.cancel(cancelled.id);

    for (const [answer, state] of [
      [await api.cancel(confirmed.id), "confirmed"],
      [await api.confirm(cancelled.id), "cancelled"],
    ] as const)
      expect(answer).toMatchObject({
        status: 409,
        body: { type: "urn:sluice:problem:reservation-ended", detail: expect.stringContaining(state) },
      });
  });

  test("a confirm after the deadline is refused, though nobody has ended it; a cancel is not", async () => {
    const reservation = someReservation({ expiresAt: inMs(-1) });
    await putReservations(api.db, reservation);

    expect(await api.confirm(reservation.id)).toMatchObject({
      status: 409,
      body: { type: "urn:sluice:problem:deadline-passed" },
    });
    expect((await api.get(reservation.id)).body).toEqual(reservation);
    expect(await api.messagesOf(reservation.id)).toEqual([]);
    expect((await api.cancel(reservation.id)).body.state).toBe("cancelled");
  });

  test("a confirm that had to wait until after the deadline is refused", async () => {
    const start = Date.now();
    let now = start;
    const reservation = someReservation({ expiresAt: new Date(start + 1_000).toISOString() });
    await putReservations(api.db, reservation);
    const late = api.askWith({ clock: () => now });

    const waiting = await api.db.transaction(async (tx) => {
      await tx.query({ text: "select from reservation where id = $1 for update", values: [reservation.id] });
      const answer = api.confirm(reservation.id, late);
      const text = `select from pg_stat_activity where wait_event_type = 'Lock'
        and query like '%from bounded, reservation%' and datname = current_database()`;
      await eventually(
        () => api.db.query({ text }),
        ({ rowCount }) => rowCount > 0,
        10_000,
      );
      now = start + 1_001;
      return { answer };
    });

    expect((await waiting.answer).body.type).toBe("urn:sluice:problem:deadline-passed");
  });

  test("of a confirm and a cancel at once exactly one is done, and what follows is of that one alone", async () => {
    for (let round = 0; round < 12; round++) {
      const { id } = await api.reserved(2);
      const both = round % 2 === 0 ? [api.confirm(id), api.cancel(id)] : [api.cancel(id), api.confirm(id)];

      const answers = await Promise.all(both);

      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const { state } = (await api.get(id)).body;
      const [commits, releases] = [
        await api.linesSent(id, "product.commit-stock"),
        await api.linesSent(id, "product.release-stock"),
      ];
      expect({ state, commits, releases }).toEqual(
        state === "confirmed"
          ? { state: "confirmed", commits: [0, 1], releases: [] }
          : { state: "cancelled", commits: [], releases: [0, 1] },
      );
    }
  });

  test("given an outbox that fails, then the reservation stays as it was", async () => {
    const before = await api.reserved();
    const failing = api.askWith({ appendToOutbox: () => Promise.reject(new Error("the outbox is away")) });

    for (const answer of [await api.confirm(before.id, failing), await api.cancel(before.id, failing)])
      expect(answer.status).toBe(500);

    expect((await api.get(before.id)).body).toEqual(before);
  });
});

test("a database that is away is 503 with Retry-After for every route", async () => {
  const db = connect({ url: "postgres://nobody@127.0.0.1:1/none", connectTimeoutMs: 500 });
  const ask = api.askWith({ db });
  const body = { lines: [{ productId: nobody, quantity: 1 }] };
  for (const asked of ["POST /reservations", `GET /reservations/${nobody}`, `POST /reservations/${nobody}/confirm`])
    expect(await ask(asked, asked === "POST /reservations" ? { body } : {})).toMatchObject({
      status: 503,
      headers: { "retry-after": "1" },
    });
  await db.end();
});
