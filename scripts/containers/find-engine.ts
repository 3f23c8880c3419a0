import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { dockerAnswers } from "../stack/compose.ts";
import { hasJava } from "../stack/java.ts";
import type { Environment } from "../stack/settings.ts";

/** Which Docker engine the container tier can have on this machine. */
export type Engine =
  /** One runs, and it has the images or gets them from their registries. */
  | { readonly kind: "running" }
  /**
   * Debian's engine is installed and we are root: it is started for the tests, in namespaces of its
   * own.
   */
  | { readonly kind: "own" }
  | { readonly kind: "none"; readonly why: string };

/**
 * What the engine of our own needs: Debian's docker.io, runc, iptables, slirp4netns, iproute2,
 * util-linux and debootstrap.
 */
const programs = ["dockerd", "docker", "runc", "iptables", "slirp4netns", "ip", "unshare", "nsenter", "debootstrap"];

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Those that no folder of the path has. */
export const missingPrograms = (env: Environment, wanted: readonly string[] = programs): readonly string[] => {
  const folders = [...(env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return wanted.filter((program) => !folders.some((folder) => isExecutable(join(folder, program))));
};

const canStartOne = (env: Environment): Engine => {
  if (process.platform !== "linux") return { kind: "none", why: "no Docker engine answers" };
  if (process.getuid?.() !== 0) return { kind: "none", why: "no Docker engine answers, and only root can start one" };
  const missing = missingPrograms(env);
  if (missing.length > 0)
    return { kind: "none", why: `no Docker engine answers, and there is no ${missing.join(", no ")} to start one` };
  if (process.arch !== "x64" || !hasJava() || missingPrograms(env, ["mvn"]).length > 0)
    return {
      kind: "none",
      why: "no Docker engine answers, and the images' stand-ins need an x64 with Java 17 and Maven",
    };
  const namespaces = spawnSync("unshare", ["--net", "--mount", "--propagation=private", "true"], { encoding: "utf8" });
  if (namespaces.status === 0) return { kind: "own" };
  return { kind: "none", why: `no Docker engine answers, and none can be started: ${namespaces.stderr.trim()}` };
};

/** Whether the engine that answers has each image, or can fetch it. */
const missingImage = (images: readonly string[]): string | undefined =>
  images.find((image) => {
    const docker = (...args: string[]) => spawnSync("docker", args, { stdio: "ignore", timeout: 600_000 }).status === 0;
    return !docker("image", "inspect", image) && !docker("pull", "--quiet", image);
  });

/** @param images those that the tests need, by their pinned names */
export const findEngine = (env: Environment, images: readonly string[]): Engine => {
  if (!dockerAnswers()) return canStartOne(env);
  const missing = missingImage(images);
  if (missing === undefined) return { kind: "running" };
  return { kind: "none", why: `the Docker engine cannot fetch ${missing}` };
};
