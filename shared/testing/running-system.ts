import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the running system answers, `http://127.0.0.1:PORT`. */
    systemUrl: string;
    /** Which stage that is, and the environment with which a program finds it. */
    stage: { readonly name: string; readonly environment: Readonly<Record<string, string>> };
  }
}

const ready = /ready.*?(http:\/\/127\.0\.0\.1:\d+)/;

/** The address in the line that `npm start` prints when all is up. Rejects with what was printed when it ends before. */
const addressOf = (child: ReturnType<typeof spawn>): Promise<string> =>
  new Promise((resolve, reject) => {
    const printed: string[] = [];
    const read = (line: string): void => {
      printed.push(line);
      const [, url] = ready.exec(line) ?? [];
      if (url !== undefined) resolve(url);
    };
    for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on("line", read);
    child.on("exit", (code) => reject(new Error(`npm start ended with ${code}:\n${printed.slice(-40).join("\n")}`)));
  });

/** Starts the whole service as a user does, on the stack of the tests and a free port, for the e2e tier; stops it by Ctrl-C's signal. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const name = process.env["SLUICE_STACK"] || "test";
  const child = spawn(process.execPath, ["scripts/start.ts", "--name", name, "--port", "0"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  project.provide("systemUrl", await addressOf(child));
  const { databaseUrl, kafkaBrokers, openSearchUrl } = project.getProvidedContext().stack;
  const addresses = { DATABASE_URL: databaseUrl, KAFKA_BROKERS: kafkaBrokers, OPENSEARCH_URL: openSearchUrl };
  project.provide("stage", { name: "local", environment: { SLUICE_STACK: name, ...addresses } });
  return async () => {
    child.kill("SIGINT");
    const code = await ended;
    if (code !== 0) throw new Error(`npm start ended with ${code} after SIGINT`);
  };
};
