import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { type GuardedProcess, runGuarded, startGuarded } from "./guarded-process.ts";
import type { PartName } from "./part.ts";
import type { StackPaths } from "./paths.ts";
import { partSettings } from "./settings.ts";

/** True when a Docker engine answers and has compose. The CLI alone is not enough. */
export const dockerAnswers = (): boolean => {
  const run = (...args: string[]) => spawnSync("docker", args, { stdio: "ignore", timeout: 5000 }).status === 0;
  return run("info") && run("compose", "version");
};

/** Each stack is a compose project, so that two of them have containers, networks and volumes of their own. */
const composeArgs = (paths: StackPaths, ...args: string[]): string[] => [
  "compose",
  "--project-name",
  `sluice-${paths.name}`,
  "--file",
  join(paths.repository, "docker-compose.yml"),
  ...args,
];

const composeSpec = (paths: StackPaths, args: string[], ports: Partial<Record<PartName, number>>) => ({
  command: "docker",
  args: composeArgs(paths, ...args),
  env: {
    ...process.env,
    ...Object.fromEntries(
      Object.entries(ports).map(([part, port]) => [partSettings[part as PartName].portVariable, String(port)]),
    ),
  },
  cwd: paths.repository,
  logFile: join(paths.logs, "compose.log"),
  stopSignal: "SIGTERM" as const,
  graceMs: 30_000,
});

type Services = Partial<Record<PartName, number>>;

/**
 * Starts services by compose on the given host ports. Attached, they run in the foreground of a guarded `compose up`,
 * which stops its containers when it is told to end; else in the background.
 */
export const composeUp = async (
  paths: StackPaths,
  ports: Services,
  attached: boolean,
): Promise<GuardedProcess | undefined> => {
  const services = Object.keys(ports);
  if (attached) return await startGuarded(composeSpec(paths, ["up", ...services], ports));
  const { code } = await runGuarded(composeSpec(paths, ["up", "--detach", ...services], ports));
  if (code === 0) return undefined;
  throw new SluiceError("compose-failed", `docker compose could not start ${services.join(", ")}`, {
    hint: `see ${join(paths.logs, "compose.log")}`,
  });
};

/** Stops and removes the stack's containers; with `volumes`, its data too. */
export const composeDown = async (paths: StackPaths, volumes: boolean): Promise<void> => {
  const { code } = await runGuarded(composeSpec(paths, ["down", ...(volumes ? ["--volumes"] : [])], {}));
  if (code !== 0)
    throw new SluiceError("compose-failed", "docker compose down failed", {
      hint: `see ${join(paths.logs, "compose.log")}`,
    });
};

/** The command that shows a service's log. */
export const composeLogs = (paths: StackPaths, part: PartName, follow: boolean): readonly string[] => [
  "docker",
  ...composeArgs(paths, "logs", ...(follow ? ["--follow"] : []), part),
];
