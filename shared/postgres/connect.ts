import type { Writable } from "node:stream";
import pg from "pg";
import { SluiceError } from "../messaging/sluice-error.ts";
import { isDeadConnection, toFault } from "./fault.ts";
import { pipelined } from "./pipelined.ts";
import type { Database, Queryable, Rows, Statement, Transaction } from "./queryable.ts";

export type ConnectOptions = {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  /**
   * Makes the password of each new connection where the URL has none: a token, which soon expires.
   */
  readonly password?: () => Promise<string>;
  /** Connections at the most; 1 is enough for a function that serves one request at a time. */
  readonly max?: number;
  /**
   * `transaction` when a pooler in transaction mode (PgBouncer, RDS Proxy) stands between: statements are then sent without a name,
   * as PgBouncer before 1.21 does not know prepared statements and RDS Proxy pins the connection on the first.
   */
  readonly pooler?: "none" | "transaction";
  readonly connectTimeoutMs?: number;
  /** On the client's side: a `statement_timeout` start-up parameter would be refused by PgBouncer. */
  readonly queryTimeoutMs?: number;
  readonly applicationName?: string;
  /** Told of the loss of an idle connection; the pool mends itself. */
  readonly onIdleError?: (error: Error) => void;
};

/** bigint as number: ids, versions and amounts here stay far below 2^53. */
const types = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    oid === pg.types.builtins.INT8 && format !== "binary" ? Number : pg.types.getTypeParser(oid, format as "text"),
} as unknown as pg.CustomTypesConfig;

const queryableOf = (client: pg.Pool | pg.PoolClient, named: boolean): Queryable => ({
  async query<Row>(statement: Statement): Promise<Rows<Row>> {
    const { name, text, values, rowMode } = statement;
    try {
      const result = await client.query({
        text,
        ...(named && name ? { name } : {}),
        ...(rowMode ? { rowMode } : {}),
        values: values as unknown[],
      });
      return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 };
    } catch (error) {
      throw toFault(error);
    }
  },
});

/** The socket, or what TLS made of it. pg keeps it on the connection, which its types leave out. */
const streamOf = (client: pg.PoolClient): Writable =>
  (client as unknown as { readonly connection: { readonly stream: Writable } }).connection.stream;

/** Commits, and says so when PostgreSQL answers ROLLBACK because a failed statement's error was swallowed inside. */
const commit = async (client: pg.PoolClient): Promise<void> => {
  const { command } = await client.query("commit").catch((error: unknown) => {
    throw toFault(error);
  });
  if (command !== "COMMIT")
    throw new SluiceError("postgres-rolled-back", "the transaction was rolled back: a statement in it had failed");
};

/** Begins, works, commits; a connection that failed or turned read-only is closed instead of being given back. */
const transactionOn =
  (pool: pg.Pool, named: boolean) =>
  async <Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> => {
    const client = await pool.connect().catch((error: unknown) => {
      throw toFault(error);
    });
    let broken: Error | undefined;
    const note = (error: Error): void => {
      broken = error;
    };
    client.on("error", note);
    const tx = pipelined(queryableOf(client, named), streamOf(client));
    try {
      await tx.query({ text: "begin" });
      const result = await work(tx);
      const committed = commit(client);
      tx.flush();
      await Promise.allSettled([committed]);
      await tx.allSent(); // a statement's fault says more than the ROLLBACK that the commit has become by it
      await committed;
      return result;
    } catch (error) {
      if (error instanceof SluiceError && isDeadConnection(error.cause)) broken = error;
      else {
        const rolledBack = client.query("rollback");
        tx.flush();
        await rolledBack.catch(note);
      }
      throw error;
    } finally {
      client.off("error", note);
      client.release(broken);
    }
  };

/**
 * A client that asks for its password when it connects; in the pool's options the URL's, which has
 * none, would take its place.
 */
const clientAsking = (password: () => Promise<string>) =>
  function AskingClient(config: pg.ClientConfig) {
    return Object.assign(new pg.Client(config), { password });
  } as unknown as typeof pg.Client;

/** A pool that connects on first use; it never throws here, so that a function starts while the database is away. */
export const connect = (options: ConnectOptions): Database => {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 4,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    query_timeout: options.queryTimeoutMs ?? 30_000,
    application_name: options.applicationName ?? "sluice",
    keepAlive: true,
    pipeline: true,
    types,
    ...(options.password === undefined ? {} : { Client: clientAsking(options.password) }),
  });
  pool.on("error", (error) => options.onIdleError?.(error));
  const named = options.pooler !== "transaction";
  return {
    ...queryableOf(pool, named),
    transaction: transactionOn(pool, named),
    end: () => pool.end(),
  };
};
