/** Rewinds things, and kills itself at the point that it is told; at another it may fail, so that it has to put back. */
import { followRun } from "../follow-run.ts";
import { startRun } from "../start-run.ts";
import { openParts, type RewindAddresses } from "./rewind-parts.ts";
import { thingGroups } from "./thing-groups.ts";

export type ChildOrder = RewindAddresses & { readonly killAt: string; readonly failAt?: string };

const { killAt, failAt, ...addresses } = JSON.parse(process.argv[2] ?? "{}") as ChildOrder;

const { parts, close } = openParts(addresses, {
  passing: (point) => {
    if (point === killAt) process.kill(process.pid, "SIGKILL");
    if (point === failAt) throw new Error("as asked");
  },
});
const request = {
  groupId: thingGroups(addresses.topic).readers.groupId,
  topics: [],
  target: { kind: "to-earliest" },
} as const;
const signal = new AbortController().signal;
const run = await startRun(parts, { request, actor: "child", operation: "replay" }, signal);
await followRun(parts, run.id, { signal, everyMs: 20, onSight: () => {} });
await close();
