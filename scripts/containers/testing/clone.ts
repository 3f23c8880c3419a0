import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { repository } from "../../stack/paths.ts";
import { freePort } from "../../stack/ports.ts";
import { cloneName, deadClones, isAlive } from "./dead-clones.ts";

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/**
 * A copy of the repository as `git clone` makes one, with what is not committed yet. Docker needs
 * no more of it than that.
 */
export type Clone = {
  readonly folder: string;
  /** Of compose, which takes the folder's name. */
  readonly project: string;
  readonly apiPort: number;
  /** In which its ports are its own. */
  readonly env: Readonly<Record<string, string>>;
  /** `docker compose WORDS` in its folder, to its end. */
  compose(...words: readonly string[]): Promise<Ran>;
  /** Takes away its containers, networks, volumes, image and folder. */
  remove(): Promise<void>;
};

/** Runs a program to its end. */
export const run = async (
  command: string,
  args: readonly string[],
  { cwd = repository, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ran> => {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, stdout, stderr };
};

/** Runs `docker WORDS`, and answers its lines. */
export const docker = async (...words: readonly string[]): Promise<readonly string[]> => {
  const { code, stdout, stderr } = await run("docker", words);
  if (code !== 0) throw new Error(`docker ${words.join(" ")} ended with ${code}: ${stderr}`);
  return stdout.split("\n").filter(Boolean);
};

const files = (): readonly string[] =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: repository, encoding: "utf8" })
    .split("\n")
    .filter((file) => file !== "" && statSync(join(repository, file), { throwIfNoEntry: false })?.isFile());

const takeAway = async (project: string): Promise<void> => {
  const ofProject = ["--filter", `label=com.docker.compose.project=${project}`];
  const containers = await docker("ps", "--all", "--quiet", ...ofProject);
  if (containers.length > 0) await docker("rm", "--force", "--volumes", ...containers);
  const networks = await docker("network", "ls", "--quiet", ...ofProject);
  if (networks.length > 0) await docker("network", "rm", ...networks);
  const volumes = await docker("volume", "ls", "--quiet", ...ofProject);
  if (volumes.length > 0) await docker("volume", "rm", ...volumes);
  const images = await docker("image", "ls", "--quiet", `${project}:local`);
  if (images.length > 0) await docker("image", "rm", "--force", `${project}:local`);
};

/**
 * Takes away what tests have left that were killed: their containers, networks, volumes, images and
 * folders. The machine's own engine has other projects, and other tests may run beside these, so
 * that a clone is known by its name and by its process.
 */
export const removeDeadClones = async (): Promise<void> => {
  const project = '{{.Label "com.docker.compose.project"}}';
  const folders = readdirSync(tmpdir());
  const named = await Promise.all([
    docker("ps", "--all", "--format", project),
    docker("network", "ls", "--format", project),
    docker("volume", "ls", "--format", project),
    docker("image", "ls", "--format", "{{.Repository}}", "sluice-clone-*"),
  ]);
  for (const dead of deadClones([...named.flat(), ...folders.map((name) => name.toLowerCase())], isAlive))
    await takeAway(dead);
  for (const dead of deadClones(folders, isAlive)) rmSync(join(tmpdir(), dead), { recursive: true, force: true });
};

export const makeClone = async (): Promise<Clone> => {
  await removeDeadClones();
  const folder = mkdtempSync(join(tmpdir(), cloneName(process.pid)));
  const project = basename(folder).toLowerCase();
  for (const file of files()) cpSync(join(repository, file), join(folder, file));
  const ports = await Promise.all(Array.from({ length: 4 }, freePort));
  const [api = 0, postgres, kafka, opensearch] = ports;
  const env = {
    SLUICE_API_PORT: String(api),
    SLUICE_POSTGRES_PORT: String(postgres),
    SLUICE_KAFKA_PORT: String(kafka),
    SLUICE_OPENSEARCH_PORT: String(opensearch),
  };
  const compose = (...words: readonly string[]) => run("docker", ["compose", ...words], { cwd: folder, env });
  return {
    folder,
    project,
    apiPort: api,
    env,
    compose,
    remove: async () => {
      await compose("down", "--volumes", "--remove-orphans", "--timeout", "5");
      await run("docker", ["image", "rm", `${project}:local`]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** What the engine has of a project. */
export const leftOf = async (project: string): Promise<readonly string[]> => {
  const ofProject = ["--filter", `label=com.docker.compose.project=${project}`];
  const found = await Promise.all([
    docker("ps", "--all", ...ofProject, "--format", "container {{.Names}}"),
    docker("network", "ls", ...ofProject, "--format", "network {{.Name}}"),
    docker("volume", "ls", ...ofProject, "--format", "volume {{.Name}}"),
  ]);
  return found.flat();
};

/** The containers of a clone by their service, and what `docker inspect` says of each. */
export const containersOf = async ({ compose }: Clone): Promise<Readonly<Record<string, Inspected>>> => {
  const { stdout } = await compose("ps", "--all", "--quiet");
  const inspected: Inspected[] = JSON.parse((await docker("inspect", ...stdout.trim().split("\n"))).join("\n"));
  return Object.fromEntries(inspected.map((each) => [each.Config.Labels["com.docker.compose.service"] ?? "", each]));
};

export type Inspected = {
  readonly Id: string;
  readonly Image: string;
  readonly RestartCount: number;
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly StartedAt: string;
    readonly Health?: { readonly Status: string };
  };
  readonly Config: { readonly User: string; readonly Labels: Readonly<Record<string, string>> };
  readonly HostConfig: {
    readonly PortBindings: Readonly<Record<string, readonly { readonly HostIp: string }[]>>;
    readonly CapDrop: readonly string[] | null;
    readonly Privileged: boolean;
  };
};
