import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { type GuardedProcess, startGuarded } from "../stack/guarded-process.ts";

/** A Docker engine that ends with this process. */
export type OwnEngine = {
  /** With these, `docker` and `docker compose` ask this engine. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * The beginning of a command line that runs within the engine's network, where it publishes its
   * ports on 127.0.0.1.
   */
  readonly inItsNetwork: readonly string[];
  /** Stops it, and removes all that it had but its images. */
  stop(): Promise<void>;
};

export type OwnEngineOptions = {
  /** Where images, layers and build cache are kept from run to run. */
  readonly dataRoot: string;
  /** The folder of Docker's own compose, `docker-compose`. */
  readonly composeBin: string;
  readonly logs: string;
};

const guard = (logs: string, name: string, command: string, args: readonly string[], graceMs = 5_000) =>
  startGuarded({
    command,
    args,
    env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` },
    cwd: "/",
    logFile: join(logs, `${name}.log`),
    stopSignal: "SIGTERM",
    graceMs,
  });

const until = async (what: string, logs: string, holds: () => boolean, process: GuardedProcess): Promise<void> => {
  let ended = false;
  void process.exited.then(() => {
    ended = true;
  });
  const deadline = Date.now() + 60_000;
  while (!holds()) {
    if (ended || Date.now() > deadline)
      throw new SluiceError("no-engine", `the tests' Docker engine does not start: ${what}`, { hint: `see ${logs}` });
    await sleep(50);
  }
};

/** `docker compose` is a plugin of the CLI: it is found in the folder of its configuration. */
const configureCli = (folder: string, composeBin: string): string => {
  const config = join(folder, "config");
  mkdirSync(join(config, "cli-plugins"), { recursive: true });
  symlinkSync(join(composeBin, "docker-compose"), join(config, "cli-plugins", "docker-compose"));
  return config;
};

const lines = (env: NodeJS.ProcessEnv, ...args: string[]): readonly string[] =>
  spawnSync("docker", args, { env, encoding: "utf8" }).stdout.split("\n").filter(Boolean);

/**
 * What tests have left, whatever ended them, and what builds have left that no test has used for
 * days.
 */
const removeLeftovers = (env: NodeJS.ProcessEnv): void => {
  const containers = lines(env, "ps", "--all", "--quiet");
  if (containers.length > 0) spawnSync("docker", ["rm", "--force", "--volumes", ...containers], { env });
  for (const kind of ["network", "volume"]) spawnSync("docker", [kind, "prune", "--force"], { env });
  const images = lines(env, "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "sluice-clone-*");
  if (images.length > 0) spawnSync("docker", ["image", "rm", ...images], { env });
  spawnSync("docker", ["image", "prune", "--force", "--filter", "until=72h"], { env });
};

/**
 * Starts Debian's engine in a network and a mount namespace of its own: nothing of the machine's
 * network, of its firewall or of its mounts is changed. slirp4netns gives the namespace a way out,
 * through which images are built. Each process has a guardian.
 * @throws SluiceError `no-engine` when it does not come up
 */
export const startOwnEngine = async ({ dataRoot, composeBin, logs }: OwnEngineOptions): Promise<OwnEngine> => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-docker-")); // short: a socket's path has 107 characters at the most
  const started: GuardedProcess[] = [];
  const start = async (...args: Parameters<typeof guard>): Promise<GuardedProcess> => {
    const process = await guard(...args);
    started.unshift(process);
    return process;
  };
  const stopAll = async (): Promise<void> => {
    for (const process of started) await process.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const holding = [
      "--net",
      "--mount",
      "--propagation=private",
      "sh",
      "-c",
      "ip link set lo up && exec sleep infinity",
    ];
    const { pid, ...holder } = await start(logs, "namespaces", "unshare", holding);
    const namespace = `--net=/proc/${pid}/ns/net`;
    const answers = (...args: string[]) => spawnSync("nsenter", [namespace, ...args], { encoding: "utf8" });
    await until("its namespaces", logs, () => answers("ip", "link", "show", "lo").stdout.includes("LOOPBACK,UP"), {
      pid,
      ...holder,
    });
    const wayOut = ["--configure", "--mtu=65520", "--disable-host-loopback", String(pid), "tap0"];
    const slirp = await start(logs, "slirp4netns", "slirp4netns", wayOut);
    await until("its network", logs, () => answers("ip", "route").stdout.includes("default"), slirp);
    const socket = `unix://${folder}/docker.sock`;
    const inNamespaces = [namespace, `--mount=/proc/${pid}/ns/mnt`];
    const folders = ["--data-root", dataRoot, "--exec-root", `${folder}/run`, "--pidfile", `${folder}/docker.pid`];
    const dockerd = [...inNamespaces, "dockerd", ...folders, "--host", socket];
    const engine = await start(logs, "dockerd", "nsenter", dockerd, 30_000);
    const env = { DOCKER_HOST: socket, DOCKER_CONFIG: configureCli(folder, composeBin) };
    const cli = { ...process.env, ...env };
    await until("dockerd", logs, () => spawnSync("docker", ["info"], { env: cli }).status === 0, engine);
    removeLeftovers(cli);
    return {
      env,
      inItsNetwork: ["nsenter", namespace],
      stop: async () => {
        removeLeftovers(cli);
        await stopAll();
      },
    };
  } catch (fault) {
    await stopAll();
    throw fault;
  }
};
