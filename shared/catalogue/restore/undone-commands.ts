import type { Queryable } from "../../postgres/queryable.ts";
import { topics } from "../topics.ts";

/**
 * Commands that were sent before the point of the restore and done after it: their effect is gone, their group has passed them, and
 * the inbox does not know them. A command that was dead-lettered looks alike; it comes to the same end again.
 */
const undone = `
  from outbox o
  where o.topic = $1 and o.status = 'SENT' and o.created_at > now() - $2 * interval '1 millisecond'
    and not exists (select from inbox i where i.consumer = $3 and i.event_id = o.event_id)`;

export type CommandsOf = {
  /** Under whose name the inbox keeps them. */
  readonly consumer: string;
  /** Older ones the consumer would refuse. */
  readonly retentionMs: number;
};

const values = ({ consumer, retentionMs }: CommandsOf) => [topics.productCommands.name, retentionMs, consumer];

export const countUndoneCommands = async (db: Queryable, of: CommandsOf): Promise<number> =>
  Number(
    (await db.query<{ count: number }>({ text: `select count(*) as count ${undone}`, values: values(of) })).rows[0]
      ?.count,
  );

/** Has them sent once more, with the event ids that they have: the inbox lets each take effect once. */
export const resendUndoneCommands = async (tx: Queryable, of: CommandsOf): Promise<void> => {
  await tx.query({
    text: `update outbox set status = 'PENDING', sent_at = null, reason = 'restored'
           where (id, created_at) in (select o.id, o.created_at ${undone})`,
    values: values(of),
  });
};
