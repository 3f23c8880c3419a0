import type { DatabaseUsers, TableRight, UserRights } from "../postgres/user-rights.ts";

const none: UserRights = { tables: {}, functions: [] };

const both = <T>(some: readonly T[] = [], others: readonly T[] = []): readonly T[] => [
  ...new Set([...some, ...others]),
];

const bothTables = (today: UserRights["tables"], released: UserRights["tables"]): UserRights["tables"] =>
  Object.fromEntries(
    both(Object.keys(today), Object.keys(released)).map((name) => [
      name,
      both<TableRight>(today[name], released[name]),
    ]),
  );

/**
 * The rights of today and of the last release. A deploy gives rights before it replaces the functions,
 * and when it fails, the released functions go on: a right that they need is taken a release later.
 */
export const withReleasedRights = (today: DatabaseUsers, released: DatabaseUsers): DatabaseUsers =>
  Object.fromEntries(
    both(Object.keys(today), Object.keys(released)).map((name) => {
      const [now, before] = [today[name] ?? none, released[name] ?? none];
      return [
        name,
        { tables: bothTables(now.tables, before.tables), functions: both(now.functions, before.functions) },
      ];
    }),
  );
