import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { functions } from "../../scripts/host/functions.ts";
import { connect } from "../postgres/connect.ts";
import { databaseUser, userUrl } from "../postgres/database-user.ts";
import { ensureUsers } from "../postgres/ensure-users.ts";
import { sqlState } from "../postgres/fault.ts";
import type { Database } from "../postgres/queryable.ts";
import { createDatabase, query, type TestDatabase } from "../testing/database.ts";
import { databaseUsers } from "./database-users.ts";

const names = Object.keys(databaseUsers);
let database: TestDatabase;
const giveRights = () => ensureUsers(database.url, { users: databaseUsers });
const signedIn = new Map<string, Database>();
beforeAll(async () => {
  database = await createDatabase();
  await giveRights(); // a clone lacks what was set on the database itself
  for (const name of names) signedIn.set(name, connect({ url: userUrl(database.url, name), max: 1 }));
});
afterAll(async () => {
  await Promise.all([...signedIn.values()].map((db) => db.end()));
  await database.drop();
});

const as = (name: string): Database => signedIn.get(name) as Database;
const allButTo = (...those: readonly string[]) => names.filter((name) => !those.includes(name));

/** What PostgreSQL answers to a statement that is undone at once: a SQLSTATE, or `allowed`. */
const answerTo = async (name: string, text: string): Promise<string> => {
  const undone = new Error("undone");
  const tried = as(name).transaction(async (tx) => {
    await tx.query({ text });
    throw undone;
  });
  const fault = await tried.catch((error: unknown) => error);
  return fault === undone ? "allowed" : (sqlState(fault) ?? String(fault));
};

const refused = "42501"; // insufficient_privilege, of a policy too

test("every function has a user of its own but for the one that provisions, and nobody else has one", () => {
  expect(names.toSorted()).toEqual(
    functions
      .filter(({ ownsDatabase }) => !ownsDatabase)
      .map(({ name }) => name)
      .toSorted(),
  );
  expect(functions.filter(({ ownsDatabase }) => ownsDatabase).map(({ name }) => name)).toEqual(["provision"]);
});

test("no user owns anything, may make roles or databases, or belongs to another role", async () => {
  const users = names.map((name) => `'${databaseUser(name)}'`).join(", ");
  expect(
    await query(
      database.url,
      `select rolname from pg_roles where rolname in (${users})
         and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)
       union all select relname from pg_class where relowner in (select oid from pg_roles where rolname in (${users}))
       union all select rolname from pg_auth_members join pg_roles on member = pg_roles.oid where rolname in (${users})`,
    ),
  ).toEqual([]);
});

test("a password tells no other", async () => {
  const passwords = names.map((name) => new URL(userUrl(database.url, name)).password);
  expect(new Set(passwords).size).toBe(names.length);
  const url = new URL(userUrl(database.url, "api"));
  url.username = databaseUser("operations");
  await expect(query(url.href, "select 1")).rejects.toMatchObject({ code: "28P01" });
});

/** Each statement, and the functions that may do it; all others are refused. */
const statements: readonly (readonly [text: string, mayDo: readonly string[]])[] = [
  // The schema is nobody's but the owner's.
  ["create table mine (id int)", []],
  ["create temporary table mine (id int)", []],
  ["create function mine() returns int language sql as 'select 1'", []],
  ["create schema mine", []],
  ["alter table products add column mine int", []],
  ["alter table outbox disable trigger all", []],
  ["drop table idempotency_keys", []],
  ["drop view product_view", []],
  ["truncate outbox", []],
  ["truncate function_counts", []],
  ["create index mine on outbox (type)", []],
  ["grant select on migrations to sluice_api", []],
  ["create role sluice_mine", []],
  ["alter role sluice_api password 'mine'", ["api"]], // its own, until the next provisioning
  ["set local role sluice_operations", ["operations"]],
  // The write model.
  ["update products set stock = stock", ["api", "product-command-consumer"]],
  ["update products set price_amount = price_amount, title = title", ["api", "product-command-consumer"]],
  ["insert into products (id) select id from products", ["api", "product-command-consumer"]],
  ["delete from products", []],
  ["update products set version = version", ["api", "product-command-consumer", "operations"]],
  ["update reservation set state = state", ["api", "product-command-consumer"]],
  ["update reservation set placed_at = placed_at", []],
  ["delete from reservation", ["reservation-sweeper"]],
  ["update stock_hold set quantity = quantity", ["product-command-consumer"]],
  ["delete from stock_hold", ["reservation-sweeper"]],
  // The outbox: writers add, the publisher marks, operators settle.
  [
    "insert into outbox (event_id, topic, partition_key, aggregate_type, aggregate_id, type, dataschema, payload) values (gen_random_uuid(), 't', 'k', 'a', 'i', 'y', 'd', '{}')",
    ["api", "product-command-consumer", "reservation-sweeper", "operations"],
  ],
  ["update outbox set status = 'SENT'", ["outbox-publisher", "operations"]],
  ["update outbox set attempts = 0", ["outbox-publisher"]],
  ["update outbox set payload = payload", []],
  ["update outbox set topic = topic, partition_key = partition_key", []],
  ["delete from outbox", []],
  ["delete from outbox_default", []],
  ["select outbox_mark_sent(gen_random_uuid(), '{}', '{}', '{}')", ["outbox-publisher"]],
  ["select * from outbox_claim('{}', '{}', '{}', '{}', '{}', '{}', '{}', 1, 1)", ["outbox-publisher"]],
  ["select outbox_ensure_day(current_date)", ["outbox-publisher"]],
  ["select outbox_drop_day(current_date - 8, 7, 1)", ["outbox-publisher"]],
  ["select outbox_purge_default(7)", ["outbox-publisher"]],
  ["select outbox_add_day(current_date)", []],
  // Leases.
  ["update outbox_lease set owner = null", ["outbox-publisher"]],
  ["delete from outbox_lease", []],
  ["delete from outbox_drainer", ["outbox-publisher"]],
  ["update read_model_lease set expires_at = null", ["replay", "dlq-republish"]],
  ["delete from read_model_lease", []],
  // What was answered to whom.
  ["select body from idempotency_keys", ["api"]],
  ["update idempotency_keys set body = null", ["api"]],
  ["delete from idempotency_keys", ["api"]],
  // The inbox: a command whose row is taken away is done twice.
  ["delete from inbox", ["product-command-consumer"]],
  ["insert into inbox (consumer, event_id) values ('c', gen_random_uuid())", ["product-command-consumer"]],
  ["update inbox set event_id = event_id", []],
  // The read models.
  [
    "insert into product_view_000001 (id, version, archived) select id, version, archived from product_view_000001",
    ["product-event-consumer", "operations", "replay"],
  ],
  ["delete from product_view_000001", ["product-event-consumer"]],
  ["update projection_target set state = state", ["replay"]],
  ["select projection_target_hold()", ["product-event-consumer"]],
  ["select product_view_create('product_view_000009')", ["replay"]],
  ["select product_view_point('product_view_000001')", ["replay"]],
  ["select product_view_drop('product_view_000009')", ["replay"]],
  // Operators' own.
  ["insert into pause (function, actor) values ('api', 'me')", ["operations"]],
  ["update pause set actor = 'you'", []],
  [
    "insert into audit (run, actor, operation, target, outcome) values (gen_random_uuid(), 'me', 'o', 't', 'done')",
    ["operations", "replay", "dlq-republish"],
  ],
  ["update audit set actor = 'you'", []],
  ["delete from audit", []],
  ["delete from dead_letter_replay", ["dlq-republish"]],
  ["update rewind_run set fault = fault", ["replay"]],
  ["update rewind_run set actor = actor", []],
  ["delete from rebuild_run", []],
  // Bookkeeping of the migrations.
  ["select name from migrations", []],
  ["insert into migration_checksums values ('0015', '')", []],
  // Counts of others.
  ["insert into function_counts (function, process, counts) values ('none', gen_random_uuid(), '{}')", []],
  ["delete from function_counts", []],
];

describe.each(statements)("%s", (text, mayDo) => {
  test(`is refused to all${mayDo.length === 0 ? "" : ` but ${mayDo.join(", ")}`}`, async () => {
    const answers = await Promise.all(names.map(async (name) => [name, await answerTo(name, text)] as const));

    expect(Object.fromEntries(answers)).toEqual(
      Object.fromEntries(names.map((name) => [name, mayDo.includes(name) ? "allowed" : refused])),
    );
  });
});

test("a function sees its own counts and no other's, but for those that sum them", async () => {
  await query(
    database.url,
    "insert into function_counts (function, process, counts) values ('none', gen_random_uuid(), '{\"a\": 1}')",
  );
  for (const name of names) {
    const text =
      "insert into function_counts (function, process, counts) values ($1, gen_random_uuid(), jsonb_build_object('a', 1))";
    await as(name).query({ text, values: [name] });
    expect((await as(name).query({ text: "select distinct function from function_counts" })).rows, name).toEqual([
      { function: name },
    ]);
  }
  const { rows } = await as("probes").query({ text: "select function from function_counts_totals() order by 1" });
  expect(rows.map((row) => row["function"])).toEqual([...names, "none"].toSorted());
  for (const name of allButTo("probes"))
    expect(await answerTo(name, "select function_counts_totals()"), name).toBe(refused);
});

test("what the schema gets is nobody's until it is given, and what was given by hand is taken back", async () => {
  await query(
    database.url,
    "create table unlisted (id int); create function unlisted_function() returns int language sql as 'select 1'; grant select on products to sluice_outbox_publisher, public; grant update (payload) on outbox to sluice_api; grant update on outbox_default to sluice_api; grant update (payload) on outbox_default to sluice_probes",
  );
  for (const name of names) {
    expect(await answerTo(name, "select from unlisted"), name).toBe(refused);
    expect(await answerTo(name, "select unlisted_function()"), name).toBe(refused);
  }
  expect(await answerTo("outbox-publisher", "select from products")).toBe("allowed");
  const toLeaf = "update outbox_default set payload = 'mine'";
  for (const name of ["api", "probes"]) expect(await answerTo(name, toLeaf), name).toBe("allowed");

  await giveRights();

  expect(await answerTo("outbox-publisher", "select from products")).toBe(refused);
  expect(await answerTo("api", "update outbox set payload = payload")).toBe(refused);
  for (const name of ["api", "probes"]) expect(await answerTo(name, toLeaf), name).toBe(refused);
});

test("a table that a rebuild makes is those users' who have the others", async () => {
  await as("replay").query({ text: "select product_view_create('product_view_000002')" });

  for (const verb of ["select from", "delete from"])
    for (const name of names)
      expect(await answerTo(name, `${verb} product_view_000002`), `${name}: ${verb}`).toBe(
        await answerTo(name, `${verb} product_view_000001`),
      );
  expect(await answerTo("replay", "select product_view_drop('product_view_000001')")).toBe("2BP01"); // the view shows it
  expect(await answerTo("replay", "select product_view_drop('products')")).toBe("22023");
  await as("replay").query({ text: "select product_view_drop('product_view_000002')" });
});

test.each([
  ["today's partition, as if it were old", "select outbox_drop_day(current_date, -1, 10000)"],
  ["a day of another era with the name of one of today", "select outbox_drop_day(date '2026-11-28 BC', 7, 10000)"],
  ["no day", "select outbox_drop_day(null, 7, 10000)"],
  ["a retention that is not said", "select outbox_drop_day(current_date - 8, null, 10000)"],
  ["more rows than writers can wait for", "select outbox_drop_day(current_date - 8, 7, 10001)"],
  ["today's rows of the default partition", "select outbox_purge_default(-1)"],
  ["a partition of the past", "select outbox_ensure_day((now() at time zone 'UTC')::date - 1)"],
  ["a partition of the far future", "select outbox_ensure_day((now() at time zone 'UTC')::date + 32)"],
  ["a partition without a day", "select outbox_ensure_day(null)"],
])("the publisher itself is refused %s", async (_, text) => {
  expect(await answerTo("outbox-publisher", text)).toBe("22023"); // invalid_parameter_value
});

test("a day that the publisher makes is of use to all who work in the outbox", async () => {
  // given
  const { rows } = await as("outbox-publisher").query({
    text: "select outbox_ensure_day((now() at time zone 'UTC')::date + 9) as made",
  });
  expect(rows).toEqual([{ made: true }]);
  const leaf = "tableoid::regclass::text = to_char((now() at time zone 'UTC')::date + 9, '\"outbox_\"YYYYMMDD')";
  const insert = `insert into outbox (created_at, event_id, topic, partition_key, aggregate_type, aggregate_id, type, dataschema, payload)
    values (now() + interval '9 days', gen_random_uuid(), 't', 'k', 'a', 'i', 'y', 'd', '{}')`;
  const writers = ["api", "product-command-consumer", "reservation-sweeper", "operations"];

  // when
  for (const name of writers) await as(name).query({ text: insert });

  // then
  for (const name of ["outbox-publisher", "operations", "probes", "replay"]) {
    const { rows: seen } = await as(name).query({ text: "select count(*)::integer as count from outbox" });
    expect(seen, name).toEqual([{ count: writers.length }]);
  }
  const all = "array(select generate_series(0, 15)::smallint)";
  const claim = `select from outbox_claim(${all}, '{0}', '{1000}', '{}', '{}', '{}', '{}', 10, 1000)`;
  expect((await as("outbox-publisher").query({ text: claim })).rowCount).toBe(writers.length);
  const park = "update outbox set status = 'PARKED', attempts = 1, last_error = 'e' where status = 'PENDING'";
  expect((await as("outbox-publisher").query({ text: park })).rowCount).toBe(writers.length);
  const skip = "update outbox set status = 'SKIPPED', reason = 'r' where status = 'PARKED'";
  expect((await as("operations").query({ text: skip })).rowCount).toBe(writers.length);
  expect(await query(database.url, `select from outbox where ${leaf}`)).toHaveLength(writers.length);
});

test("a function with the owner's rights finds its names in the schema alone, and only those who are listed may call it", async () => {
  const definers = await query(
    database.url,
    "select proname, proconfig::text as config, has_function_privilege('public', oid, 'execute') as open from pg_proc where pronamespace = 'public'::regnamespace and prosecdef",
  );
  expect(definers.length).toBeGreaterThan(0);
  for (const definer of definers as { config: string; open: boolean }[]) {
    expect(definer.config).toContain("search_path=public, pg_temp");
    expect(definer.open).toBe(false);
  }
});
