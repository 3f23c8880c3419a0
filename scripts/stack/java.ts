import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";

const remedy =
  "install Java 17 (or newer) and Maven, or start Docker, or give DATABASE_URL, KAFKA_BROKERS and OPENSEARCH_URL";

export type Java = {
  readonly command: string;
  /** Tells this build of Java from every other. */
  readonly build: string;
};

const firstVersion = (output: string): number | undefined => {
  const found = /version "(?:1\.)?(\d+)/.exec(output);
  return found ? Number(found[1]) : undefined;
};

/** Whether `requireJava` would find one. */
export const hasJava = (): boolean => {
  try {
    requireJava();
    return true;
  } catch {
    return false;
  }
};

/**
 * The Java to run the embedded Kafka and OpenSearch with.
 * @throws SluiceError `no-java` when there is none or it is older than 17.
 */
export const requireJava = (): Java => {
  const home = process.env["JAVA_HOME"];
  const command = home ? `${home}/bin/java` : "java";
  const answer = spawnSync(command, ["-version"], { encoding: "utf8" });
  const version = answer.error ? undefined : firstVersion(answer.stderr);
  if (version !== undefined && version >= 17)
    return { command, build: createHash("sha256").update(answer.stderr).digest("hex").slice(0, 8) };
  const found = version === undefined ? `${command} cannot be run` : `${command} is Java ${version}`;
  throw new SluiceError("no-java", `the embedded Kafka and OpenSearch need Java 17, but ${found}`, { hint: remedy });
};

/**
 * Maven, which fetches the jars of Kafka and OpenSearch.
 * @throws SluiceError `no-maven` when there is none.
 */
export const requireMaven = (): string => {
  try {
    execFileSync("mvn", ["-v"], { stdio: "ignore" });
    return "mvn";
  } catch (cause) {
    throw new SluiceError("no-maven", "Maven is needed to fetch the jars of Kafka and OpenSearch, and none was found", {
      hint: remedy,
      cause,
    });
  }
};
