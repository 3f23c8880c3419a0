import { appendToOutbox } from "../outbox/append-to-outbox.ts";
import type { OutboxMessage } from "../outbox/outbox-message.ts";
import type { Database } from "../postgres/queryable.ts";

/** Messages in the outbox, of a change that there is not. */
export const appendAndCommit = (db: Database, messages: readonly OutboxMessage[]): Promise<void> =>
  db.transaction(async (tx) => appendToOutbox(tx, messages));
