/** The port through which features log; Powertools' Logger fits it. Keys of `fields` are snake_case. */
export type Log = {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
};

/** Says nothing; for tests and benches. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
