import type { Metered } from "../operations/metrics/counters.ts";
import { consumerGroups } from "./groups.ts";

/** As package.json has it, which no bundle carries; a test holds them equal. */
export const version = "0.1.0";

const publisher = "outbox-publisher";

/** Whom `/metrics` tells of. */
export const metered: Metered = {
  functions: [
    { name: "api", kind: "http" },
    { name: "probes", kind: "http" },
    { name: publisher, kind: "publisher" },
    { name: "reservation-sweeper", kind: "sweeper" },
    { name: "projection-verifier", kind: "verifier" },
    { name: "dead-letter-monitor", kind: "monitor" },
    ...consumerGroups.groups.map(({ functionName: name, kind }) => ({ name, kind })),
  ],
  counters: [
    {
      ...{ name: "reservation_expiries_asked_total", counted: "ReservationsExpiryAsked", by: ["sweeper"] },
      help: "Reservations past their deadline whose end was asked for",
    },
  ],
  pausable: [publisher, ...consumerGroups.groups.map(({ functionName }) => functionName)],
};
