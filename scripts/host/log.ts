import type { Log } from "../../shared/observability/logger.ts";

/**
 * Takes one line that a function or the host itself wrote.
 * @param source the function's name, or `host`
 * @param line as it was written: a JSON object of Powertools' shape, or plain text
 */
export type LogSink = (source: string, line: string) => void;

/** The host's own messages, in the shape that functions log in, so that one formatter serves both. */
export const logAs = (sink: LogSink, source: string): Log => {
  const write =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
      sink(source, JSON.stringify({ level, message, ...fields, timestamp: new Date().toISOString() }));
  const debug = process.env["LOG_LEVEL"] === "DEBUG" ? write("DEBUG") : () => {};
  return { debug, info: write("INFO"), warn: write("WARN"), error: write("ERROR") };
};
