import type { ConsumerGroup } from "../../messaging/consumer-groups.ts";

/** A function by what it is to the metrics. */
export type MeteredFunction = {
  readonly name: string;
  readonly kind: ConsumerGroup["kind"] | "publisher" | "sweeper" | "verifier" | "monitor" | "http";
};

/** A metric made of what functions count: the name under which they do, and which functions. */
export type CounterSpec = {
  readonly name: string;
  readonly help: string;
  readonly counted: string;
  readonly by: readonly MeteredFunction["kind"][];
};

/** Whom the metrics tell of. */
export type Metered = {
  readonly functions: readonly MeteredFunction[];
  /** What they count beside what the generic parts do. */
  readonly counters: readonly CounterSpec[];
  /** Functions that an operator can pause. */
  readonly pausable: readonly string[];
};

const all = ["http", "publisher", "sweeper", "verifier", "projection", "command"] as const;
const consumers = ["projection", "command"] as const;

const outcome = (kind: "projection" | "command", name: string, counted: string, help: string): CounterSpec => ({
  ...{ name: `${kind}_${name}_total`, help, counted, by: [kind] },
});

/** Whoever makes a function count something new adds it here; a test finds what is counted and not listed. */
export const counters: readonly CounterSpec[] = [
  { name: "function_invocations_total", help: "Invocations of a function", counted: "Invocations", by: all },
  { name: "function_errors_total", help: "Invocations that ended in an error", counted: "Errors", by: all },
  {
    ...{ name: "outbox_published_total", counted: "Sent", by: ["publisher"] },
    help: "Outbox rows that the broker has acknowledged",
  },
  {
    ...{ name: "outbox_send_failures_total", counted: "SendFailed", by: ["publisher"] },
    help: "Sends of a row that failed; the row stays pending",
  },
  {
    ...{ name: "outbox_rows_parked_total", counted: "Parked", by: ["publisher"] },
    help: "Rows that were set aside because their topic cannot take them",
  },
  outcome("projection", "applied", "Applied", "Records that were written to a read model"),
  outcome("projection", "duplicate", "Duplicate", "Records that the read models held already, or held newer ones of"),
  outcome("projection", "ignored", "Ignored", "Records of a registered type that the projection has no use for"),
  outcome("projection", "dead_lettered", "DeadLettered", "Records that cannot be applied and went to the dead letters"),
  outcome("projection", "given_back", "GivenBack", "Records that come again and are counted then"),
  {
    ...{ name: "read_model_rows_compared_total", counted: "RowsCompared", by: ["verifier"] },
    help: "Rows of the write model that were compared with the read models",
  },
  {
    ...{ name: "read_model_differences_total", counted: "Differences", by: ["verifier"] },
    help: "Places in which a read model was found to differ from the write model",
  },
  outcome("command", "applied", "Applied", "Commands that took effect"),
  outcome("command", "duplicate", "Duplicate", "Commands that had taken effect before"),
  outcome("command", "rejected", "Rejected", "Commands that the domain refused; an event says why"),
  outcome("command", "dead_lettered", "DeadLettered", "Commands that cannot be done and went to the dead letters"),
  outcome("command", "given_back", "GivenBack", "Commands that come again and are counted then"),
  {
    ...{ name: "poison_floods_total", counted: "PoisonFlood", by: consumers },
    help: "Batches that were stopped because more than half of them was poison",
  },
  {
    ...{ name: "purge_failures_total", counted: "PurgeFailed", by: ["sweeper", "projection", "command"] },
    help: "Purges of old rows that failed; the next one makes up for it",
  },
];

/** Durations that functions observe. */
export const histograms: readonly CounterSpec[] = [
  {
    name: "http_request_duration_seconds",
    counted: "HttpRequest",
    by: ["http"],
    help: "How long requests took, by method, route and status",
  },
  {
    ...{ name: "batch_duration_seconds", counted: "BatchMilliseconds", by: consumers },
    help: "How long batches of records took",
  },
];
