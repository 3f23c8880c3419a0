import { readFileSync } from "node:fs";

/** The largest resident memory of a running process so far, MB; 0 where the kernel does not tell it. */
export const peakMemoryMb = (pid: number): number => {
  const [, kilobytes = "0"] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kilobytes) / 1024);
};
