import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";

/** How PostgreSQL is run: by another user, or through a prefix of its command line, or plainly. */
export type RunAs = {
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  readonly prefix: readonly string[];
};

const plainly: RunAs = { user: undefined, prefix: [] };

/** `nobody` has this number on all Linux systems; PostgreSQL only wants that the user has a name. */
const asNobody: RunAs = { user: undefined, prefix: ["unshare", "--user", "--map-user=65534", "--map-group=65534"] };

const idOf = (name: string, which: "-u" | "-g"): number =>
  Number(execFileSync("id", [which, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));

const postgresUser = (): { uid: number; gid: number } | undefined => {
  const find = () => ({ uid: idOf("postgres", "-u"), gid: idOf("postgres", "-g") });
  try {
    return find();
  } catch {
    try {
      execFileSync("useradd", ["--system", "--user-group", "postgres"], { stdio: "ignore" });
      return find();
    } catch {
      return undefined;
    }
  }
};

const succeeds = (command: string, args: readonly string[], user?: { uid: number; gid: number }): boolean =>
  spawnSync(command, args, { ...user, cwd: "/", stdio: "ignore" }).status === 0;

const userWhoMayEnter = (dir: string, postgres: string): { uid: number; gid: number } | undefined => {
  const user = postgresUser();
  return user && succeeds("sh", ["-c", 'test -x "$0" && "$1" --version', dir, postgres], user) ? user : undefined;
};

/**
 * PostgreSQL refuses to run as root. There it runs as the user `postgres`, which is made if it is missing; and when that user
 * may not enter the folder (a clone under /root), in a user namespace, where root's own files belong to `nobody`.
 * A data folder that exists decides: whoever made it owns it.
 * @throws SluiceError `no-postgres` when neither can be done.
 */
export const runAs = (dir: string, data: string, postgres: string): RunAs => {
  if (process.getuid?.() !== 0) return plainly;
  if (existsSync(data)) {
    const { uid, gid } = statSync(data);
    return uid === 0 ? asNobody : { user: { uid, gid }, prefix: [] };
  }
  const user = userWhoMayEnter(dir, postgres);
  if (user) return { user, prefix: [] };
  const [unshare = "", ...args] = asNobody.prefix;
  if (succeeds(unshare, [...args, postgres, "--version"])) return asNobody;
  throw new SluiceError("no-postgres", `PostgreSQL does not run as root, and the user postgres may not enter ${dir}`, {
    hint: "let others enter the folders above it (chmod o+x), or clone elsewhere, or run as another user, or give DATABASE_URL",
  });
};
