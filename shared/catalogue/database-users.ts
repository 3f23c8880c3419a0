import type { DatabaseUsers, UserRights } from "../postgres/user-rights.ts";

export { databaseUser } from "../postgres/database-user.ts";

/**
 * The rights of each function's user in the database: what its statements need, and no more.
 * `functions/provision` makes the users and gives these rights after each migration
 * (`shared/postgres/ensure-users.ts`). What is not named is refused, a new table too. The owner is
 * not among them: only `provision` signs in as the owner.
 *
 * A user may update the columns that its statements write; `update` alone means that they write all
 * of them but the key. `for update` needs a right to update as well: where a function writes no
 * column, it has the right to one that nobody reads.
 * Migrations 0013 and 0014 make the functions of the schema that run with the owner's rights.
 */

/**
 * Counting, as each function does. The policy of migration 0014 shows a user its own rows alone.
 */
const counting: UserRights = {
  tables: { function_counts: ["select", "insert", "update (counts, counted_at)"] },
  functions: ["function_counts_fold"],
};

/**
 * The lease on a read model, which a rewind, a rebuild and a redrive hold, and their audit rows.
 */
const leasing: UserRights["tables"] = {
  audit: ["select", "insert"],
  read_model_lease: ["select", "insert", "update (run, operation, owner, epoch, expires_at)"],
};

/** The rights of a function beside counting. */
const rights = (tables: UserRights["tables"], functions: readonly string[] = []): UserRights => ({
  tables: { ...counting.tables, ...tables },
  functions: [...counting.functions, ...functions],
});

export const databaseUsers: DatabaseUsers = {
  api: rights(
    {
      products: ["select", "insert", "update"],
      reservation: ["select", "insert", "update (state, version, lines, history, updated_at)"],
      outbox: ["insert"],
      idempotency_keys: ["select", "insert", "update (request_hash, expires_at, status, headers, body)", "delete"],
      product_view: ["select"],
    },
    ["limit_lock_wait"],
  ),
  /** What health checks and `/metrics` look at. */
  probes: rights(
    {
      outbox: ["select"],
      pause: ["select"],
      read_model_lease: ["select"],
      rewind_run: ["select"],
      rebuild_run: ["select"],
      rebuild_needed: ["select"],
      dead_letter_replay: ["select"],
    },
    ["function_counts_totals"],
  ),
  "outbox-publisher": rights(
    {
      outbox: ["select", "update (status, sent_at, attempts, last_error)"],
      outbox_lease: ["select", "update (owner, epoch, expires_at)"],
      outbox_drainer: ["select", "insert", "update (expires_at)", "delete"],
      pause: ["select"],
    },
    ["outbox_claim", "outbox_mark_sent", "outbox_ensure_day", "outbox_drop_day", "outbox_purge_default"],
  ),
  "product-event-consumer": rights(
    {
      projection_target: ["select"],
      projection_rewind: ["select"],
      "product_view_*": ["select", "insert", "update", "delete"], // tombstones are purged
      pause: ["select"],
    },
    ["projection_target_hold"],
  ),
  "product-command-consumer": rights(
    {
      products: ["select", "insert", "update"], // commands create and change products as the API does
      reservation: ["select", "insert", "update (state, version, lines, history, updated_at)"],
      stock_hold: ["select", "insert", "update (product_id, quantity, state, reason, changed_at)"],
      inbox: ["select", "insert", "delete", "update (received_at)"], // purged
      outbox: ["insert"],
      pause: ["select"],
    },
    ["limit_lock_wait"],
  ),
  "reservation-sweeper": rights({
    reservation: ["select", "update (expiry_asked_at)", "delete"],
    stock_hold: ["select", "update (changed_at)", "delete"],
    outbox: ["insert"],
  }),
  "projection-verifier": rights({
    products: ["select"],
    projection_target: ["select"],
    projection_rewind: ["select"],
    "product_view_*": ["select"],
  }),
  "dead-letter-monitor": rights({ dead_letter_replay: ["select"] }),
  /** Of rewinds, rebuilds and redrives it makes the plan alone: the state machines execute them. */
  operations: rights(
    {
      audit: ["select", "insert"],
      outbox: ["select", "insert", "update (status, sent_at, reason)"],
      outbox_lease: ["select"],
      pause: ["select", "insert", "delete"],
      inbox: ["select"],
      stock_hold: ["select"],
      reservation: ["select", "update (version)"], // raised after a restore
      products: ["select", "update (version)"],
      product_view: ["select"],
      "product_view_*": ["select", "insert", "update"], // repaired
      projection_target: ["select"],
      projection_rewind: ["select"],
      read_model_lease: ["select"],
      rewind_run: ["select"],
      rebuild_run: ["select"],
      rebuild_needed: ["select"],
      dead_letter_replay: ["select"],
    },
    ["limit_statement"],
  ),
  /** Rewinds and rebuilds. */
  replay: rights(
    {
      ...leasing,
      rewind_run: [
        "select",
        "insert",
        "update (step, course, mapping_found, prior, goal, outcome, fault, changed_at, ended_at)",
      ],
      rebuild_run: [
        "select",
        "insert",
        "update (course, step, audit_run, actor, reason, position, done, total, step_started_at, load_ms, outbox_goal, goal, differences, compared_at, marks, note, fault, changed_at)",
      ],
      rebuild_needed: ["select", "insert", "delete"],
      projection_rewind: ["select", "insert", "update (run, registered_at)", "delete"],
      projection_target: ["select", "insert", "update (state)", "delete"],
      products: ["select"],
      pause: ["select"],
      outbox: ["select"],
      product_view: ["select"],
      "product_view_*": ["select", "insert", "update"],
    },
    ["limit_lock_wait", "product_view_create", "product_view_point", "product_view_drop"],
  ),
  "dlq-republish": rights({
    ...leasing,
    dead_letter_replay: ["select", "insert", "update (written_at, run, claimed_until, sent_at)", "delete"],
  }),
};
