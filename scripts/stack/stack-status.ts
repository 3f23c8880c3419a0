import { type PartName, partNames, type Way } from "./part.ts";
import { stackPaths } from "./paths.ts";
import { answers } from "./ports.ts";
import { isRunning } from "./process-identity.ts";
import { addressesGiven, type Environment, partSettings } from "./settings.ts";
import { readState } from "./state.ts";

export type PartStatus = {
  readonly part: PartName;
  /** `undefined`: it was never started, or was stopped. */
  readonly way: Way | undefined;
  readonly address: string | undefined;
  /** Of the part's process, or of the `docker compose up` that holds it. */
  readonly pid: number | undefined;
  /** Whether it accepts connections. */
  readonly up: boolean;
};

/** A password that somebody gave us is not printed. */
const withoutPassword = (address: string): string => address.replace(/^(\w+:\/\/[^:@/]*):[^@/]*@/, "$1:***@");

const firstEndpoint = (part: PartName, address: string): { host: string; port: number } => {
  if (part === "kafka") {
    const [host = "", port = "9092"] = (address.split(",")[0] ?? "").trim().split(":");
    return { host, port: Number(port) };
  }
  const { hostname, port, protocol } = new URL(address);
  return { host: hostname, port: Number(port || { "http:": 80, "https:": 443 }[protocol] || 5432) };
};

const givenStatus = async (part: PartName, address: string): Promise<PartStatus> => {
  const common = { part, way: "given", address: withoutPassword(address), pid: undefined } as const;
  try {
    const { host, port } = firstEndpoint(part, address);
    return { ...common, up: await answers(port, host) };
  } catch {
    return { ...common, up: false }; // not an address
  }
};

/** What of the named stack runs, and where. */
export const stackStatus = (options: {
  readonly name: string;
  readonly env?: Environment;
}): Promise<readonly PartStatus[]> => {
  const given = addressesGiven(options.env ?? process.env);
  const known = readState(stackPaths(options.name)).parts;
  return Promise.all(
    partNames.map(async (part): Promise<PartStatus> => {
      const address = given[part];
      if (address !== undefined) return givenStatus(part, address);
      const state = known[part];
      if (state === undefined) return { part, way: undefined, address: undefined, pid: undefined, up: false };
      const up = isRunning(state) && (await answers(state.port));
      return { part, way: state.way, address: state.address, pid: state.pid, up };
    }),
  );
};

/** As a table for people. */
export const statusTable = (statuses: readonly PartStatus[]): string => {
  const rows = [
    ["part", "way", "address", "pid", "state"],
    ...statuses.map(({ part, way, address, pid, up }) => [
      part,
      way ?? "-",
      address ?? "-",
      `${pid ?? "-"}`,
      up ? "up" : "down",
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};

/** The variables by which other programs find the parts; those that are given already are left out. */
export const addressLines = (addresses: Readonly<Record<PartName, string>>, env: Environment): readonly string[] =>
  partNames
    .filter((part) => addressesGiven(env)[part] === undefined)
    .map((part) => `${partSettings[part].addressVariable}=${addresses[part]}`);
