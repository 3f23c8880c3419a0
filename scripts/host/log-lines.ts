import type { LogSink } from "./log.ts";

export type LogLineOptions = {
  readonly write: (text: string) => void;
  readonly colour: boolean;
  /** Lines go out as they were written, without a prefix: for programs that read logs. */
  readonly json: boolean;
  /** The longest name, so that the bars stand below each other. */
  readonly width: number;
};

const prefixColours = [36, 35, 34, 33, 32, 96, 95, 94];
const levelColours: Readonly<Record<string, number>> = { DEBUG: 90, WARN: 33, ERROR: 31, CRITICAL: 31 };

/** Powertools' fields that say nothing here: the prefix names the function, and each line is seen as it comes. */
const tacit = new Set([
  "level",
  "message",
  "timestamp",
  "service",
  "sampling_rate",
  "xray_trace_id",
  "cold_start",
  "function_arn",
  "function_memory_size",
  "function_name",
  "function_request_id",
  "stack",
  "hint",
  "error",
]);

type Entry = { readonly level: string; readonly message: string; readonly [field: string]: unknown };

const parse = (line: string): Entry | undefined => {
  if (!line.startsWith("{")) return undefined;
  try {
    const entry = JSON.parse(line);
    return typeof entry.level === "string" && typeof entry.message === "string" ? entry : undefined;
  } catch {
    return undefined;
  }
};

const inShort = (value: unknown): string =>
  typeof value === "string" ? (/[\s"=]/.test(value) ? JSON.stringify(value) : value) : JSON.stringify(value);

const errorLines = (error: unknown): readonly string[] => {
  if (typeof error !== "object" || error === null) return [];
  const { name = "Error", message = "", stack } = error as Record<string, unknown>;
  return [`${name}: ${message}`, ...(typeof stack === "string" ? stack.split("\n").slice(1) : [])];
};

/** The lines that an entry is shown as: the message with its fields, then the hint, then the stack. */
const toText = (entry: Entry): readonly string[] => {
  const fields = Object.entries(entry).filter(([name]) => !tacit.has(name));
  const first = [entry.message, ...fields.map(([name, value]) => `${name}=${inShort(value)}`)].join(" ");
  const { hint, stack, error } = entry;
  return [
    entry.level === "INFO" ? first : `${entry.level} ${first}`,
    ...(typeof hint === "string" ? [`  ${hint}`] : []),
    ...errorLines(error).map((line) => `  ${line.trim()}`),
    ...(typeof stack === "string" && stack !== "" ? stack.split("\n").map((line) => `  ${line.trim()}`) : []),
  ];
};

/** A sink for people: `api | message field=value`, one colour a function. With `json`, lines as they were written. */
export const logLines = ({ write, colour, json, width }: LogLineOptions): LogSink => {
  const colours = new Map<string, number>();
  const paint = (text: string, code: number | undefined) =>
    colour && code !== undefined ? `\u001b[${code}m${text}\u001b[0m` : text;
  const prefixOf = (source: string): string => {
    if (!colours.has(source)) colours.set(source, prefixColours[colours.size % prefixColours.length] as number);
    return paint(`${source.padEnd(width)} |`, colours.get(source));
  };
  return (source, line) => {
    if (json) return write(`${line}\n`);
    const entry = parse(line);
    const lines = entry === undefined ? [line] : toText(entry);
    const level = entry === undefined ? undefined : levelColours[entry.level];
    write(lines.map((each) => `${prefixOf(source)} ${paint(each, level)}\n`).join(""));
  };
};
