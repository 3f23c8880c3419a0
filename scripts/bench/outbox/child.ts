import { spawn } from "node:child_process";
import { join } from "node:path";
import type { RelayReport } from "../../../shared/outbox/relay-task.ts";
import { type FunctionSpec, functions } from "../../host/functions.ts";

const root = join(import.meta.dirname, "../../..");

export type Child = {
  /** The last line of its standard output, parsed; rejects when it ends with anything but 0, with what it said. */
  readonly answer: Promise<unknown>;
  /** SIGTERM: the child ends in its own way, and answers. */
  stop(): void;
};

/** Runs a script of this repository in a process of its own, with nothing else in it that could be measured along. */
export const startChild = (
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Child => {
  const child = spawn(process.execPath, [join(root, script), ...args], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let complained = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complained += text;
  });
  const answer = new Promise<unknown>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(said.trim().split("\n").at(-1) ?? "null"));
      else reject(new Error(`${script} ended with ${code}: ${complained.trim()}`));
    });
  });
  return { answer, stop: () => child.kill("SIGTERM") };
};

const publisher = functions.find(({ name }) => name === "outbox-publisher") as FunctionSpec;

/** The publisher as the host runs it, with the settings that it has there. */
export const startPublisher = (
  mode: "drain" | "continuous",
  databaseUrl: string,
  brokers: string,
): { readonly answer: Promise<{ answer: RelayReport; peakRssMb: number }>; stop(): void } =>
  startChild("scripts/run-function.ts", [publisher.handlerFile, JSON.stringify({ mode }), "600000"], {
    ...publisher.environment,
    DATABASE_URL: databaseUrl,
    KAFKA_BROKERS: brokers,
    POWERTOOLS_LOG_LEVEL: "ERROR",
  }) as { answer: Promise<{ answer: RelayReport; peakRssMb: number }>; stop(): void };
