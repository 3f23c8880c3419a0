import { expect, test } from "vitest";
import { databaseUser } from "../postgres/database-user.ts";
import { createDatabase, query } from "../testing/database.ts";
import { databaseUsers } from "./database-users.ts";

const names = Object.keys(databaseUsers);

/** Each right of the functions' users that PostgreSQL knows, as `user: object right`. */
const heldRights = `
  with held as (
    select relname as object, acl.* from pg_class cross join lateral aclexplode(relacl) as acl
    where relnamespace = 'public'::regnamespace
    union all
    select format('%s (%s)', relname, attname), acl.* from pg_attribute
    join pg_class on pg_class.oid = attrelid cross join lateral aclexplode(attacl) as acl
    where relnamespace = 'public'::regnamespace
    union all
    select proname || '()', acl.* from pg_proc cross join lateral aclexplode(proacl) as acl
    where pronamespace = 'public'::regnamespace
    union all
    select nspname, acl.* from pg_namespace cross join lateral aclexplode(nspacl) as acl where nspname = 'public'
  )
  select format('%s: %s %s', rolname, object, lower(privilege_type)) as held
  from held join pg_roles on pg_roles.oid = grantee where rolname = any (array[${names.map((name) => `'${databaseUser(name)}'`).join(", ")}])`;

const listedRights = Object.entries(databaseUsers).flatMap(([name, { tables, functions: called }]) => {
  const onTables = Object.entries(tables).flatMap(([pattern, verbs]) => {
    const table = pattern.replace("product_view_*", "product_view_000001");
    return verbs.flatMap((verb) => {
      const columns = /^update \((.+)\)$/.exec(verb)?.[1]?.split(", ");
      return columns ? columns.map((column) => `${table} (${column}) update`) : [`${table} ${verb}`];
    });
  });
  const all = ["public usage", ...onTables, ...called.map((one) => `${one}() execute`)];
  return all.map((right) => `${databaseUser(name)}: ${right}`);
});

test("the rights that users hold are those of the table, and no other", async () => {
  await using database = await createDatabase();
  const held = (await query(database.url, heldRights)) as { held: string }[];
  expect(held.map((row) => row.held).toSorted()).toEqual(listedRights.toSorted());
});
