import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The outbox publisher in a process of its own, as Lambda would run it: what a test kills. */
export type RelayProcess = {
  readonly pid: number;
  /** Settles when the process is gone; answers what the publisher answered, undefined when it was killed. */
  readonly answer: Promise<{ readonly sent: number; readonly parked: number; readonly ended: string } | undefined>;
  kill(signal: NodeJS.Signals): void;
};

export const startRelay = (
  environment: Readonly<Record<string, string>>,
  { mode = "continuous", timeoutMs = 120_000 }: { readonly mode?: string; readonly timeoutMs?: number } = {},
): RelayProcess => {
  const child: ChildProcess = spawn(
    process.execPath,
    ["scripts/run-function.ts", "functions/outbox-publisher/handler.ts", JSON.stringify({ mode }), String(timeoutMs)],
    {
      cwd: root,
      env: { PATH: process.env["PATH"], POWERTOOLS_LOG_LEVEL: "WARN", ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let said = "";
  let complained = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complained += text;
  });
  const answer = new Promise<{ sent: number; parked: number; ended: string } | undefined>((resolve, reject) => {
    child.once("close", (code, signal) => {
      if (signal === "SIGKILL") resolve(undefined);
      else if (code === 0) resolve(JSON.parse(said.trim().split("\n").at(-1) as string).answer);
      else reject(new Error(`the relay ended with ${code}: ${complained}`));
    });
  });
  answer.catch(() => {}); // a test that has failed before asks no more
  return { pid: child.pid as number, answer, kill: (signal) => child.kill(signal) };
};
