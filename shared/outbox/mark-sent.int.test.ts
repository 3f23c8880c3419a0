import { expect, onTestFinished, test } from "vitest";
import { uuidV7 } from "../messaging/uuid-v7.ts";
import { connect } from "../postgres/connect.ts";
import type { Queryable } from "../postgres/queryable.ts";
import { createDatabase, query } from "../testing/database.ts";
import { markSent } from "./mark-sent.ts";

const setting = async (on: Queryable) => (await on.query({ text: "show synchronous_commit" })).rows[0];

test("a mark does not wait for the disk, and no other transaction of the connection is so", async () => {
  // given
  const database = await createDatabase();
  await query(database.url, `alter database "${database.name}" set synchronous_commit = on`);
  const db = connect({ url: database.url, max: 1 });
  onTestFinished(async () => {
    await db.end();
    await database.drop();
  });

  // when
  const during = await db.transaction(async (tx) => {
    await markSent(tx, uuidV7(), new Map([[0, 1]]), [1]);
    return setting(tx);
  });

  // then
  expect(during).toEqual({ synchronous_commit: "off" });
  expect(await setting(db)).toEqual({ synchronous_commit: "on" });
});
