import type { TracedHold } from "../../shared/catalogue/trace/holds-of.ts";
import type { ProductState } from "../../shared/catalogue/trace/product-state.ts";
import type { Reservation } from "../../shared/domain/reservations/reservation.ts";
import type { ListedLetter } from "../../shared/operations/dead-letters/list-letters.ts";
import type { InboxRow } from "../../shared/operations/trace/inbox-rows.ts";
import type { TracedRow } from "../../shared/operations/trace/outbox-rows.ts";
import type { HeldVersion } from "../../shared/operations/trace/read-model-versions.ts";

/** A message on its way: its row, where Kafka has it, and whether its consumer is past it. */
export type TracedMessage = TracedRow & {
  /** Where its key goes; undefined when Kafka could not be asked. */
  readonly partition: number | undefined;
  /** Undefined when it was not found; `place` says why. */
  readonly offset: bigint | undefined;
  readonly place: "found" | "not-sent" | "expired" | "absent" | "gave-up" | "not-asked";
  readonly consumed: boolean | undefined;
};

/** Everything that the system knows of an aggregate, an event or a reservation. */
export type TraceReport = {
  readonly id: string;
  /** What the id names, as far as it could be told. */
  readonly kind: "product" | "reservation" | "event" | "unknown";
  /** The aggregate that it is or belongs to. */
  readonly aggregateId: string;
  readonly product: ProductState | undefined;
  readonly reservation: Reservation | undefined;
  readonly holds: readonly TracedHold[];
  /** Newest first. */
  readonly messages: readonly TracedMessage[];
  readonly inbox: readonly InboxRow[];
  readonly deadLetters: readonly ListedLetter[];
  readonly readModels: readonly HeldVersion[];
  /** What could not be looked at, or not to its end. */
  readonly notes: readonly string[];
};
