import type { DatabaseUsers, UserRights } from "../postgres/user-rights.ts";

export { databaseUser } from "../postgres/database-user.ts";

/**
 * The rights of each function's user in the database: what its statements need, and no more. `functions/provision` makes the users and
 * gives these rights after each migration (`shared/postgres/ensure-users.ts`); what is not named is refused, a new table too.
 * The owner, who signs in as nobody but `provision`, is not among them.
 *
 * `for update` needs a right to update; where no column is written, one that nobody reads stands for it.
 * The functions of the schema that run with the owner's rights are those of migrations 0013 and 0014.
 */

/** Counting, as each function does. Rows of its own alone: migration 0014 has the policy. */
const counting: UserRights = {
  tables: { function_counts: ["select", "insert", "update"] },
  functions: ["function_counts_fold"],
};

/** What health checks and `/metrics` look at. */
const watching: UserRights = {
  tables: {
    outbox: ["select"],
    pause: ["select"],
    read_model_lease: ["select"],
    rewind_run: ["select"],
    rebuild_run: ["select"],
    rebuild_needed: ["select"],
    dead_letter_replay: ["select"],
  },
  functions: ["function_counts_totals"],
};

/** A rewind or a rebuild of a read model, with its lease and its row of the audit. */
const readModelRuns: UserRights = {
  tables: {
    audit: ["select", "insert"],
    read_model_lease: ["select", "insert", "update"],
    rewind_run: ["select", "insert", "update"],
    rebuild_run: ["select", "insert", "update"],
    rebuild_needed: ["select", "insert", "delete"],
    projection_rewind: ["select", "insert", "update", "delete"],
    projection_target: ["select", "insert", "update", "delete"],
    products: ["select"],
    pause: ["select"],
    outbox: ["select"],
    product_view: ["select"],
    "product_view_*": ["select", "insert", "update"],
  },
  functions: ["limit_lock_wait", "product_view_create", "product_view_point", "product_view_drop"],
};

const replayingDeadLetters: UserRights = {
  tables: {
    audit: ["select", "insert"],
    read_model_lease: ["select", "insert", "update"],
    dead_letter_replay: ["select", "insert", "update", "delete"],
  },
  functions: [],
};

/** All of them together. */
const together = (...parts: readonly UserRights[]): UserRights => {
  const names = new Set(parts.flatMap(({ tables }) => Object.keys(tables)));
  const rightsTo = (name: string) => [...new Set(parts.flatMap(({ tables }) => tables[name] ?? []))];
  return {
    tables: Object.fromEntries([...names].map((name) => [name, rightsTo(name)])),
    functions: [...new Set(parts.flatMap(({ functions }) => functions))],
  };
};

export const databaseUsers: DatabaseUsers = {
  api: together(counting, {
    tables: {
      products: ["select", "insert", "update"],
      reservation: ["select", "insert", "update"],
      outbox: ["insert"],
      idempotency_keys: ["select", "insert", "update", "delete"],
      product_view: ["select"],
    },
    functions: ["limit_lock_wait"],
  }),
  probes: together(counting, watching),
  "outbox-publisher": together(counting, {
    tables: {
      outbox: ["select", "update (status, sent_at, attempts, last_error)"],
      outbox_lease: ["select", "update"],
      outbox_drainer: ["select", "insert", "update", "delete"],
      pause: ["select"],
    },
    functions: ["outbox_claim", "outbox_mark_sent", "outbox_ensure_day", "outbox_drop_day", "outbox_purge_default"],
  }),
  "product-event-consumer": together(counting, {
    tables: {
      projection_target: ["select"],
      projection_rewind: ["select"],
      "product_view_*": ["select", "insert", "update", "delete"], // tombstones are purged
      pause: ["select"],
    },
    functions: ["projection_target_hold"],
  }),
  "product-command-consumer": together(counting, {
    tables: {
      products: ["select", "update"],
      reservation: ["select", "insert", "update"],
      stock_hold: ["select", "insert", "update"],
      inbox: ["select", "insert", "delete", "update (received_at)"], // purged
      outbox: ["insert"],
      pause: ["select"],
    },
    functions: ["limit_lock_wait"],
  }),
  "reservation-sweeper": together(counting, {
    tables: {
      reservation: ["select", "update (expiry_asked_at)", "delete"],
      stock_hold: ["select", "update (changed_at)", "delete"],
      outbox: ["insert"],
    },
    functions: [],
  }),
  "projection-verifier": together(counting, {
    tables: {
      products: ["select"],
      projection_target: ["select"],
      projection_rewind: ["select"],
      "product_view_*": ["select"],
    },
    functions: [],
  }),
  "dead-letter-monitor": together(counting, { tables: { dead_letter_replay: ["select"] }, functions: [] }),
  operations: together(counting, readModelRuns, replayingDeadLetters, {
    tables: {
      outbox: ["select", "insert", "update (status, sent_at, reason)"],
      outbox_lease: ["select"],
      pause: ["select", "insert", "update", "delete"],
      inbox: ["select"],
      stock_hold: ["select"],
      reservation: ["select", "update (version)"], // raised after a restore
      products: ["select", "update (version)"],
    },
    functions: ["limit_statement"],
  }),
  replay: together(counting, readModelRuns),
  "dlq-republish": together(counting, replayingDeadLetters),
};
