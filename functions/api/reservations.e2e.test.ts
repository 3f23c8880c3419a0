import { expect, inject, test } from "vitest";
import { newProduct } from "../../shared/catalogue/api/testing/test-api.ts";
import type { Reservation } from "../../shared/domain/reservations/reservation.ts";
import { askSystem } from "../../shared/testing/ask-system.ts";
import { eventually } from "../../shared/testing/eventually.ts";
import type { Called } from "../../shared/testing/http-call.ts";

const ask = askSystem(inject("systemUrl"));

/** Makes a product with so many units; its id. */
const stocked = async (stock: number): Promise<string> => {
  const { status, body } = await ask("POST /products", { body: newProduct({ stock }) });
  expect(status).toBe(201);
  return body.id;
};

type Wanted = Readonly<Record<string, number>>;

/** Places a reservation of so many units of each product. */
const place = async (wanted: Wanted, more: object = {}): Promise<Reservation> => {
  const lines = Object.entries(wanted).map(([productId, quantity]) => ({ productId, quantity }));
  const { status, headers, body } = await ask("POST /reservations", { body: { lines, ...more } });
  expect({ status, location: headers["location"] }).toEqual({ status: 202, location: `/reservations/${body.id}` });
  expect(body.state).toBe("placed");
  return body;
};

const reaches = async (id: string, state: Reservation["state"], limitMs?: number): Promise<Reservation> => {
  const read = () => ask(`GET /reservations/${id}`);
  return (await eventually<Called>(read, ({ body }) => body.state === state, limitMs)).body;
};

/** Waits until readers see a product at this version; its units. */
const unitsAt = async (id: string, version: number) => {
  const read = () => ask(`GET /products/${id}`);
  const { body } = await eventually<Called>(read, (answer) => answer.status === 200 && answer.body.version >= version);
  const { stock, reserved, committed } = body;
  return { version: body.version, stock, reserved, committed };
};

const statesOf = ({ history }: Reservation) => history.map(({ state }) => state);

test("a reservation of two products is reserved by itself and, once confirmed, takes its stock", async () => {
  // given
  const [tea, pot] = [await stocked(10), await stocked(3)];

  // when
  const { id } = await place({ [tea]: 4, [pot]: 3 });
  const reserved = await reaches(id, "reserved");

  // then
  expect(reserved.lines.map(({ outcome }) => outcome)).toEqual(["reserved", "reserved"]);
  expect(await unitsAt(tea, 2)).toEqual({ version: 2, stock: 6, reserved: 4, committed: 0 });

  // when
  const confirmed = await ask(`POST /reservations/${id}/confirm`);

  // then
  expect(confirmed).toMatchObject({ status: 200, body: { state: "confirmed" } });
  expect(await unitsAt(tea, 3)).toEqual({ version: 3, stock: 6, reserved: 0, committed: 4 });
  expect(await unitsAt(pot, 3)).toEqual({ version: 3, stock: 0, reserved: 0, committed: 3 });
  expect(statesOf(await reaches(id, "confirmed"))).toEqual(["placed", "reserving", "reserved", "confirmed"]);
});

test("where one product is scarce the reservation is rejected, and what was reserved of the other is free again", async () => {
  // given
  const [plenty, scarce] = [await stocked(10), await stocked(1)];

  // when
  const { id } = await place({ [plenty]: 4, [scarce]: 2 });
  const rejected = await reaches(id, "rejected");

  // then
  expect(rejected.lines.find(({ productId }) => productId === scarce)).toMatchObject({
    ...{ outcome: "refused", reason: "insufficient-stock" },
  });
  expect(await unitsAt(plenty, 3)).toEqual({ version: 3, stock: 10, reserved: 0, committed: 0 });
  expect(await unitsAt(scarce, 1)).toEqual({ version: 1, stock: 1, reserved: 0, committed: 0 });
  expect((await ask(`POST /reservations/${id}/confirm`)).body.type).toBe("urn:sluice:problem:reservation-ended");
});

test("a reservation that is cancelled gives its stock back", async () => {
  // given
  const tea = await stocked(5);
  const { id } = await place({ [tea]: 5 });
  await reaches(id, "reserved");

  // when
  const cancelled = await ask(`POST /reservations/${id}/cancel`);

  // then
  expect(cancelled).toMatchObject({ status: 200, body: { state: "cancelled" } });
  expect(await unitsAt(tea, 3)).toEqual({ version: 3, stock: 5, reserved: 0, committed: 0 });
});

test("a reservation that nobody confirms ends at its deadline and gives its stock back", async () => {
  // given
  const tea = await stocked(5);

  // when
  const { id } = await place({ [tea]: 2 }, { expiresInSeconds: 3 });

  // then: the sweeper comes by its schedule
  const expired = await reaches(id, "expired", 90_000);
  expect(Date.parse(expired.updatedAt)).toBeGreaterThan(Date.parse(expired.expiresAt));
  expect(await unitsAt(tea, 3)).toEqual({ version: 3, stock: 5, reserved: 0, committed: 0 });
  expect((await ask(`POST /reservations/${id}/confirm`)).status).toBe(409);
});
