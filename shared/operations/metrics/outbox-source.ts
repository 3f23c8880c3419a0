import { outboxStatus } from "../../outbox/outbox-status.ts";
import { gauge, sample } from "./family.ts";
import type { MetricSource } from "./source.ts";

/** How full the outbox is, from its table. */
export const outboxSource: MetricSource = {
  name: "outbox",
  read: async ({ db }) => {
    const { pending, oldestPendingAgeMs, parked } = await outboxStatus(db);
    return [
      gauge("outbox_pending", "Rows that wait to be sent; counted up to 100,000", [sample(pending)]),
      gauge("outbox_oldest_age_seconds", "Age of the oldest row that waits to be sent; 0 when none does", [
        sample(oldestPendingAgeMs / 1000),
      ]),
      gauge("outbox_parked", "Rows that their topic cannot take; they wait for an operator", [sample(parked)]),
    ];
  },
};
