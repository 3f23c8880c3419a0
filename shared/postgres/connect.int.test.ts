import { afterAll, beforeAll, expect, test } from "vitest";
import type { SluiceError } from "../messaging/sluice-error.ts";
import { createDatabase, type TestDatabase } from "../testing/database.ts";
import { connect } from "./connect.ts";
import { sqlState } from "./fault.ts";
import type { Database, Queryable, Transaction } from "./queryable.ts";

let own: TestDatabase;
let db: Database;
beforeAll(async () => {
  own = await createDatabase();
  db = connect({ url: own.url, max: 2 });
  await db.query({ text: "create table mark (id int primary key)" });
});
afterAll(async () => {
  await db?.end();
  await own?.drop();
});

const faultOf = (work: Promise<unknown>): Promise<SluiceError> =>
  work.then(
    () => Promise.reject(new Error("it resolved")),
    (fault: unknown) => fault as SluiceError,
  );
const insert = (on: Queryable, id: number) =>
  on.query({ name: "insert-mark", text: "insert into mark values ($1)", values: [id] });
const marks = async (ids: number[]) =>
  (
    await db.query<{ id: number }>({ text: "select id from mark where id = any($1) order by id", values: [ids] })
  ).rows.map(({ id }) => id);

test("a transaction whose work fails leaves nothing, and the caller gets the work's own error", async () => {
  const reason = new TypeError("no");

  const fault = await faultOf(
    db.transaction(async (tx) => {
      await insert(tx, 1);
      throw reason;
    }),
  );

  expect(fault).toBe(reason);
  expect(await marks([1])).toEqual([]);
});

test("a statement that failed cannot be swallowed: the commit that PostgreSQL turned into a rollback is an error", async () => {
  const fault = await faultOf(
    db.transaction(async (tx) => {
      await insert(tx, 2);
      await tx.query({ text: "select 1/0" }).catch(() => {});
    }),
  );

  expect(fault).toMatchObject({ code: "postgres-rolled-back" });
  expect(await marks([2])).toEqual([]);
});

const send = (tx: Transaction, id: number) => tx.send({ text: "insert into mark values ($1)", values: [id] });

test("what is sent without waiting is done in its order and committed with the rest", async () => {
  const seen = await db.transaction(async (tx) => {
    send(tx, 10);
    send(tx, 11);
    const { rowCount } = await tx.query({ text: "update mark set id = id + 10 where id in (10, 11)" });
    send(tx, 10);
    return rowCount;
  });

  expect(seen).toBe(2);
  expect(await marks([10, 11, 20, 21])).toEqual([10, 20, 21]);
});

test.each(["last", "followed by another"])(
  "given a sent statement that fails, %s, then the transaction fails with its fault, nothing is committed and the connection is good",
  async (place) => {
    const one = connect({ url: own.url, max: 1 });
    await insert(one, 30).catch(() => {});
    const before = await backendOf(one);

    const fault = await faultOf(
      one.transaction(async (tx) => {
        await insert(tx, 31);
        send(tx, 30);
        if (place !== "last") send(tx, 32);
      }),
    );

    expect(sqlState(fault)).toBe("23505");
    expect(await marks([30, 31, 32])).toEqual([30]);
    expect(await backendOf(one)).toBe(before);
    await one.end();
  },
);

test("given a sent statement, when the work fails before it went out, then it is rolled back and the connection is good", async () => {
  const one = connect({ url: own.url, max: 1 });
  const reason = new TypeError("no");

  const fault = await faultOf(
    one.transaction(async (tx) => {
      send(tx, 40);
      throw reason;
    }),
  );

  expect(fault).toBe(reason);
  await insert(one, 41);
  expect(await marks([40, 41])).toEqual([41]);
  await one.end();
});

test("a killed connection is a fault that can be retried, and the pool goes on with another", async () => {
  const fault = await faultOf(
    db.transaction(async (tx) => {
      await insert(tx, 3);
      await db.query({ text: "select pg_terminate_backend($1)", values: [await backendOf(tx)] });
      await insert(tx, 4);
    }),
  );

  expect(fault).toMatchObject({ code: "postgres-unavailable", canRetry: true });
  expect(await marks([3, 4])).toEqual([]);
});

test("a connection whose server turned read-only is dropped, not given back", async () => {
  // given a pool of one connection, on which a failover to a standby is played by making the session read-only
  const one = connect({ url: own.url, max: 1 });
  const before = await backendOf(one);
  await one.query({ text: "set default_transaction_read_only = on" });

  // when
  const fault = await faultOf(one.transaction((tx) => insert(tx, 5)));

  // then
  expect(fault).toMatchObject({ code: "postgres-unavailable", canRetry: true });
  expect(sqlState(fault)).toBe("25006");
  expect(await backendOf(one)).not.toBe(before);
  await one.transaction((tx) => insert(tx, 5));
  await one.end();
});

test("a read-only connection is dropped after a single statement too", async () => {
  const one = connect({ url: own.url, max: 1 });
  const before = await backendOf(one);
  await one.query({ text: "set default_transaction_read_only = on" });

  await faultOf(insert(one, 6));

  expect(await backendOf(one)).not.toBe(before);
  await one.end();
});

test("a server that is not there is a fault that can be retried", async () => {
  const nowhere = connect({ url: "postgres://nobody@127.0.0.1:1/none" });

  expect(await faultOf(nowhere.query({ text: "select 1" }))).toMatchObject({
    code: "postgres-unavailable",
    canRetry: true,
  });
  expect(await faultOf(nowhere.transaction((tx) => tx.query({ text: "select 1" })))).toMatchObject({ canRetry: true });
  await nowhere.end();
});

test("a violated constraint cannot be retried and names itself", async () => {
  await insert(db, 7);

  const fault = await faultOf(insert(db, 7));

  expect(fault).toMatchObject({ code: "postgres-error", canRetry: false });
  expect(sqlState(fault)).toBe("23505");
});

const backendOf = async (on: Queryable) =>
  (await on.query<{ pid: number }>({ text: "select pg_backend_pid() as pid" })).rows[0]?.pid;
