import { SluiceError } from "../messaging/sluice-error.ts";

/**
 * SQLSTATEs after which the same work may succeed on a new connection or a new try.
 * Class 08: connection; 57P01-57P03: shutdown, crash, starting up; 25006: the connection's server became a read-only standby;
 * 40001, 40P01: serialization failure and deadlock; 53300: too many connections; 55P03: lock_timeout; 57014: statement_timeout.
 * https://www.postgresql.org/docs/17/errcodes-appendix.html
 */
const retriableStates = new Set(["57P01", "57P02", "57P03", "25006", "40001", "40P01", "53300", "55P03", "57014"]);

/** States that say that this very connection is of no use any more, though its socket is open. */
const deadStates = new Set(["57P01", "57P02", "57P03", "25006"]);

const socketCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

/** node-pg names no code for a connection that ends in mid-query or cannot be had in time, only these messages. */
const lostConnection =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout|Client was closed)/;

const isLost = (error: unknown): boolean =>
  codeOf(error).startsWith("08") ||
  socketCodes.has(codeOf(error)) ||
  (error instanceof AggregateError && error.errors.some(isLost)) ||
  (error instanceof Error && lostConnection.test(error.message));

/** True when the connection must not go back to the pool. */
export const isDeadConnection = (error: unknown): boolean => deadStates.has(codeOf(error)) || isLost(error);

/** The SQLSTATE of a fault that came out of `connect`, e.g. `23505`, or undefined. */
export const sqlState = (fault: unknown): string | undefined => {
  const code = codeOf(fault instanceof SluiceError ? fault.cause : fault);
  return /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
};

/**
 * True when it was the data that PostgreSQL would not take: class 22 (data exception) and 23 (integrity constraint violation).
 * All other faults that it names, a missing table, a missing permission, a full disk, are no fault of what was to be written.
 */
export const isFaultOfData = (fault: unknown): boolean => /^2[23]/.test(sqlState(fault) ?? "");

/** The constraint that a fault names, e.g. of a unique violation. */
export const violatedConstraint = (fault: unknown): string | undefined => {
  const cause = fault instanceof SluiceError ? fault.cause : fault;
  return cause instanceof Error && "constraint" in cause && typeof cause.constraint === "string"
    ? cause.constraint
    : undefined;
};

/** Turns what node-pg throws into a coded error: `postgres-unavailable`, `postgres-conflict` or `postgres-error`. */
export const toFault = (error: unknown): SluiceError => {
  if (error instanceof SluiceError) return error;
  const message =
    error instanceof AggregateError
      ? error.errors.map((one) => String(one)).join("; ")
      : String((error as Error)?.message ?? error);
  if (isDeadConnection(error))
    return new SluiceError("postgres-unavailable", message, { canRetry: true, cause: error });
  if (retriableStates.has(codeOf(error)))
    return new SluiceError("postgres-conflict", message, { canRetry: true, cause: error });
  return new SluiceError("postgres-error", message, { cause: error });
};
