import type { Queryable, Statement, Transaction } from "./queryable.ts";

/** What may be held back before it is written: a socket. */
type Corkable = { cork(): void; uncork(): void };

export type PipelinedTransaction = Transaction & {
  /** Writes out what was held back. */
  flush(): void;
  /** Waits for what was sent; rejects with the first fault among it. */
  allSent(): Promise<unknown>;
};

/**
 * Adds `send` to a connection whose client pipelines: it writes a statement without waiting for the answer to the one before.
 * What is sent is held back until the next statement goes out, so that both are one packet: written apart, PostgreSQL would
 * wake up for each, and nothing was gained (measured: an HTTP write with its event 180 us instead of 198).
 */
export const pipelined = (connection: Queryable, stream: Corkable): PipelinedTransaction => {
  const sent: Promise<unknown>[] = [];
  let corks = 0;
  const flush = (): void => {
    for (; corks > 0; corks--) stream.uncork();
  };
  return {
    query: (statement) => {
      const answer = connection.query(statement);
      flush();
      return answer as never;
    },
    send: (statement: Statement) => {
      stream.cork();
      corks++;
      const answer = connection.query(statement);
      answer.catch(() => {}); // heard by allSent
      sent.push(answer);
    },
    flush,
    allSent: () => Promise.all(sent),
  };
};
