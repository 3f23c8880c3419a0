import type { Reservation } from "../../../domain/reservations/reservation.ts";
import { reserveLines } from "../../testing/reservations.ts";
import { createTestApi, newProduct, type OutboxRow, type TestApi } from "./test-api.ts";

type Asks = TestApi["ask"];
type Headers = Readonly<Record<string, string>>;
type Message = OutboxRow & { readonly event_id: string };

/** The API as who reserves stock sees it. */
export const createReservationApi = async () => {
  const api = await createTestApi();

  /** Makes a product; its id. */
  const product = async (fields: object = {}): Promise<string> =>
    (await api.ask("POST /products", { body: newProduct({ stock: 9, ...fields }) })).body.id;

  const archivedProduct = async (): Promise<string> => {
    const id = await product();
    await api.ask(`DELETE /products/${id}`, { headers: { "if-match": "*" } });
    return id;
  };

  const place = (lines: unknown, more: object = {}, headers: Headers = {}, on: Asks = api.ask) =>
    on("POST /reservations", { body: { lines, ...more }, headers });
  const get = (id: string, headers: Headers = {}) => api.ask(`GET /reservations/${id}`, { headers });

  /** A reservation of so many lines, each of a product of its own. */
  const placed = async (lines = 1): Promise<Reservation> => {
    const ids = await Promise.all(Array.from({ length: lines }, () => product()));
    return (await place(ids.map((productId) => ({ productId, quantity: 2 })))).body;
  };

  /** The same, and all of its lines are reserved. */
  const reserved = async (lines = 1): Promise<Reservation> => {
    const { id } = await placed(lines);
    await reserveLines(api.db, id);
    return (await get(id)).body;
  };

  /** What the outbox holds about a reservation: its own messages, and the commands on products that name it. */
  const messagesOf = async (id: string): Promise<readonly Message[]> => {
    const text = "select * from outbox where aggregate_id = $1 or payload::json ->> 'reservationId' = $1 order by id";
    return (await api.db.query<Message>({ text, values: [id] })).rows;
  };

  /** The lines for which a reservation has sent a command of this type. */
  const linesSent = async (id: string, type: string): Promise<readonly unknown[]> =>
    (await messagesOf(id)).filter((one) => one.type === type).map(({ payload }) => JSON.parse(payload).line);

  /** How many reservations and messages there are. */
  const counts = async (): Promise<readonly number[]> => {
    const countOf = async (table: string) => (await api.db.query({ text: `select from ${table}` })).rowCount;
    return [await countOf("reservation"), await countOf("outbox")];
  };

  return {
    ...api,
    ...{ product, archivedProduct, place, placed, reserved, get, messagesOf, linesSent, counts },
    confirm: (id: string, on: Asks = api.ask) => on(`POST /reservations/${id}/confirm`),
    cancel: (id: string, on: Asks = api.ask) => on(`POST /reservations/${id}/cancel`),
  };
};

export type ReservationApi = Awaited<ReturnType<typeof createReservationApi>>;
