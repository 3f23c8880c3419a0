import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
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

/** What compose needs to know of a stack, or of a part that stands alone. */
export type ComposeProject = Pick<StackPaths, "name" | "repository" | "state">;

/**
 * Each is a compose project, so that two of them have containers, networks and volumes of their own;
 * so have the stacks of one name of two clones.
 */
const projectName = ({ name, repository }: ComposeProject): string =>
  `sluice-${name}-${createHash("sha256").update(repository).digest("hex").slice(0, 8)}`;

const composeArgs = (paths: ComposeProject, ...args: string[]): string[] => [
  "compose",
  "--project-name",
  projectName(paths),
  "--file",
  join(paths.repository, "docker-compose.yml"),
  ...args,
];

/** What `compose up` said last: exists once a part of this stack has run in Docker. */
export const composeLogFile = (paths: ComposeProject): string => join(paths.state, "compose.log");

/** What the compose file takes from the environment. */
export type ComposeVariables = {
  readonly ports?: Partial<Record<PartName, number>>;
  /** `false`: PostgreSQL without fsync. */
  readonly durable?: boolean;
};

const environmentOf = ({ ports = {}, durable = true }: ComposeVariables): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    Object.entries(ports).map(([part, port]) => [partSettings[part as PartName].portVariable, String(port)]),
  ),
  SLUICE_POSTGRES_DURABLE: durable ? "on" : "off",
});

export const composeSpec = (
  paths: ComposeProject,
  logFile: string,
  args: string[],
  variables: ComposeVariables = {},
) => ({
  command: "docker",
  args: composeArgs(paths, ...args),
  env: { ...process.env, ...environmentOf(variables) },
  cwd: paths.repository,
  logFile,
  stopSignal: "SIGTERM" as const,
  graceMs: 30_000,
});

/**
 * Starts services by compose on the given host ports: a `compose up` in the foreground, which stops its containers when it is
 * told to end, so that an interrupted start or the end of an owner leaves none running. Released, it goes on until `down`.
 */
export const composeUp = (
  paths: StackPaths,
  variables: ComposeVariables & Required<Pick<ComposeVariables, "ports">>,
): Promise<GuardedProcess> =>
  startGuarded(composeSpec(paths, composeLogFile(paths), ["up", ...Object.keys(variables.ports)], variables));

/** Stops and removes a project's containers and its network; with `volumes`, its data too. */
export const composeDown = async (paths: ComposeProject, options: { readonly volumes: boolean }): Promise<void> => {
  if (!dockerAnswers())
    throw new SluiceError("no-docker", "parts of this stack ran in Docker, which does not answer now", {
      hint: "start Docker: their containers and data are there",
    });
  const logFile = join(paths.state, "compose-down.log");
  const args = ["down", ...(options.volumes ? ["--volumes"] : [])];
  const { code } = await runGuarded(composeSpec(paths, logFile, args));
  if (code !== 0) throw new SluiceError("compose-failed", "docker compose down failed", { hint: `see ${logFile}` });
};

export type ComposeLogsOptions = {
  /** How many of the last lines come first. */
  readonly lines: number;
  readonly follow: boolean;
};

/** The command that shows the end of a part's log, each line as the part wrote it. */
export const composeLogs = (
  paths: ComposeProject,
  part: PartName,
  { lines, follow }: ComposeLogsOptions,
): readonly string[] => [
  "docker",
  ...composeArgs(paths, "logs", "--no-log-prefix", "--tail", String(lines), ...(follow ? ["--follow"] : []), part),
];
