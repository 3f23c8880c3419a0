/** A statement. `name` prepares it once per connection; `connect` drops the name where a transaction-mode pooler stands between. */
export type Statement = {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
  /** `array`: each row is an array in the order of the columns; cheaper than an object where there are many rows. */
  readonly rowMode?: "array";
};

export type Rows<Row> = { readonly rows: Row[]; readonly rowCount: number };

/** What a verb needs: a pool, or a connection inside a transaction. Faults come out as SluiceError, see `fault.ts`. */
export type Queryable = {
  query<Row = Record<string, unknown>>(statement: Statement): Promise<Rows<Row>>;
};

/** A connection inside a transaction. */
export type Transaction = Queryable & {
  /**
   * Sends a statement whose answer nobody needs. What comes next, the commit too, goes out behind it without waiting for it,
   * so that it costs no round trip. When it fails, nothing is committed and the transaction rejects with its fault.
   */
  send(statement: Statement): void;
};

export type Database = Queryable & {
  /** Runs the work in one transaction (read committed): commits when it resolves, rolls back when it rejects. */
  transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
  /** Waits for what runs, then closes every connection. */
  end(): Promise<void>;
};
