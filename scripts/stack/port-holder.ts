import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const LISTEN = "0A";

/** The inodes of the sockets that listen on a port. https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt */
const listeningInodes = (port: number): ReadonlySet<string> => {
  const inodes = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of readFileSync(table, "utf8").split("\n").slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === LISTEN && inode && Number.parseInt(local?.split(":")[1] ?? "", 16) === port) inodes.add(inode);
    }
  }
  return inodes;
};

const holdsOneOf = (pid: string, inodes: ReadonlySet<string>): boolean => {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode !== undefined && inodes.has(inode);
    });
  } catch {
    return false; // it ended, or is not ours to look into
  }
};

const onLinux = (port: number): string | undefined => {
  const inodes = listeningInodes(port);
  const pid = readdirSync("/proc").find((entry) => /^\d+$/.test(entry) && holdsOneOf(entry, inodes));
  return pid === undefined ? undefined : `${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} (process ${pid})`;
};

const byLsof = (port: number): string | undefined => {
  const output = execFileSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"], { encoding: "utf8" });
  const found = /^p(\d+)\nc(.+)$/m.exec(output);
  return found ? `${found[2]} (process ${found[1]})` : undefined;
};

/** Who listens on a port, as a person would say it. `undefined` when it cannot be seen, another user's process for instance. */
export const portHolder = (port: number): string | undefined => {
  try {
    return process.platform === "linux" ? onLinux(port) : byLsof(port);
  } catch {
    return undefined;
  }
};
