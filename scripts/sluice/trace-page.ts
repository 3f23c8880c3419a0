import type { TracedHold } from "../../shared/catalogue/trace/holds-of.ts";
import type { ProductState } from "../../shared/catalogue/trace/product-state.ts";
import type { Reservation } from "../../shared/domain/reservations/reservation.ts";
import type { ListedLetter } from "../../shared/operations/dead-letters/list-letters.ts";
import type { InboxRow } from "../../shared/operations/trace/inbox-rows.ts";
import type { HeldVersion } from "../../shared/operations/trace/read-model-versions.ts";
import { type Column, table } from "./table.ts";
import type { TracedMessage, TraceReport } from "./trace-report.ts";

const productColumns: readonly Column<ProductState>[] = [
  ["ID", ({ id }) => id],
  ["SKU", ({ sku }) => sku],
  ["STATUS", ({ status }) => status],
  ["VERSION", ({ version }) => version],
  ["STOCK", ({ stock }) => stock],
  ["RESERVED", ({ reserved }) => reserved],
  ["COMMITTED", ({ committed }) => committed],
  ["UPDATED", ({ updatedAt }) => updatedAt],
];

const reservationColumns: readonly Column<Reservation>[] = [
  ["ID", ({ id }) => id],
  ["STATE", ({ state }) => state],
  ["VERSION", ({ version }) => version],
  ["LINES", ({ lines }) => lines.length],
  ["EXPIRES", ({ expiresAt }) => expiresAt],
  ["UPDATED", ({ updatedAt }) => updatedAt],
];

const historyColumns: readonly Column<Reservation["history"][number]>[] = [
  ["AT", ({ at }) => at],
  ["STATE", ({ state }) => state],
];

const holdColumns: readonly Column<TracedHold>[] = [
  ["RESERVATION", ({ reservationId }) => reservationId],
  ["LINE", ({ line }) => line],
  ["PRODUCT", ({ productId }) => productId],
  ["QUANTITY", ({ quantity }) => quantity],
  ["STATE", ({ state }) => state],
  ["REASON", ({ reason }) => reason],
  ["CHANGED", ({ changedAt }) => changedAt],
];

const word = { true: "yes", false: "no", undefined: undefined } as const;

const messageColumns: readonly Column<TracedMessage>[] = [
  ["EVENT-ID", ({ eventId }) => eventId],
  ["TYPE", ({ type }) => type],
  ["VERSION", ({ aggregateVersion }) => aggregateVersion],
  ["STATUS", ({ status }) => status],
  ["CREATED", ({ createdAt }) => createdAt],
  ["SENT", ({ sentAt }) => sentAt],
  ["TOPIC", ({ topic }) => topic],
  ["PARTITION", ({ partition }) => partition],
  ["OFFSET", ({ offset, place }) => offset ?? (place === "not-sent" ? undefined : `(${place})`)],
  ["CONSUMED", ({ consumed }) => word[`${consumed}`]],
  ["WHY", ({ reason, lastError }) => reason ?? lastError],
];

const inboxColumns: readonly Column<InboxRow>[] = [
  ["EVENT-ID", ({ eventId }) => eventId],
  ["CONSUMER", ({ consumer }) => consumer],
  ["DONE", ({ receivedAt }) => receivedAt],
];

const letterColumns: readonly Column<ListedLetter>[] = [
  ["TOPIC", ({ topic }) => topic],
  ["PARTITION", ({ partition }) => partition],
  ["OFFSET", ({ offset }) => offset],
  ["DEAD-LETTERED", ({ deadLetteredAt }) => deadLetteredAt],
  ["EVENT-ID", ({ eventId }) => eventId],
  ["REASON", ({ reason }) => reason],
  ["ORIGIN", ({ origin }) => origin && `${origin.topic}-${origin.partition} at ${origin.offset}`],
];

const readModelColumns: readonly Column<HeldVersion>[] = [
  ["READ-MODEL", ({ kind }) => kind],
  ["NAME", ({ name }) => name],
  ["STATE", ({ state }) => state],
  ["VERSION", ({ version }) => version],
  ["ARCHIVED", ({ archived }) => word[`${archived}`]],
];

const section = <Row>(title: string, columns: readonly Column<Row>[], rows: readonly Row[]): string =>
  rows.length === 0 ? `${title}: none` : `${title}\n${table(columns, rows)}`;

const several = <Row>(row: Row | undefined): readonly Row[] => (row === undefined ? [] : [row]);

/** Everything on one page, in the order in which a change goes through the system. */
export const tracePage = (report: TraceReport): string => {
  const { id, kind, aggregateId, product, reservation, holds, messages, inbox, deadLetters, readModels, notes } =
    report;
  const of = kind === "event" ? `, of ${aggregateId}` : "";
  return [
    `${id}: ${kind}${of}`,
    ...(product === undefined && reservation !== undefined
      ? []
      : [section("Write model", productColumns, several(product))]),
    ...(reservation === undefined
      ? []
      : [
          section("Reservation", reservationColumns, [reservation]),
          section("History", historyColumns, reservation.history),
        ]),
    section("Holds", holdColumns, holds),
    section("Outbox and Kafka", messageColumns, messages),
    section("Inbox", inboxColumns, inbox),
    section("Dead letters", letterColumns, deadLetters),
    ...(reservation === undefined ? [section("Read models", readModelColumns, readModels)] : []),
    ...notes.map((note) => `! ${note}`),
  ].join("\n\n");
};
