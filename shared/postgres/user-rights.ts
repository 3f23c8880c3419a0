export type Verb = "select" | "insert" | "update" | "delete";

/** `update (status, sent_at)`: these columns alone. */
export type TableRight = Verb | `update (${string})`;

/** What one function may do in the schema `public`. What is not named is refused. */
export type UserRights = {
  /**
   * By a table's or a view's name, or by a pattern of names with `*`, of which each that exists is
   * meant.
   */
  readonly tables: Readonly<Record<string, readonly TableRight[]>>;
  /** By a function's name, without its arguments. */
  readonly functions: readonly string[];
};

/** The rights of each function's user, by the function's name. */
export type DatabaseUsers = Readonly<Record<string, UserRights>>;
