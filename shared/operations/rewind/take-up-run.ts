import { setTimeout as sleep } from "node:timers/promises";
import { SluiceError } from "../../messaging/sluice-error.ts";
import type { Holder, ReadModelLease } from "../read-model-lease/lease.ts";
import { takeLease } from "../read-model-lease/take-lease.ts";
import type { RewindParts } from "./rewind-parts.ts";
import type { RewindRun } from "./rewind-run.ts";

const LOOK_MS = 100;

/** @throws SluiceError `lease-held` */
export const leaseHeld = (projection: string, { run, operation, owner, isAlive }: Holder): SluiceError =>
  new SluiceError(
    "lease-held",
    `read model ${projection} is being changed by \`${operation}\`, run ${run}${isAlive ? `, in ${owner}` : ", which was left unfinished"}`,
    {
      hint: isAlive
        ? "wait for it, or end it there by Ctrl-C: rewind, rebuild and redrive exclude each other"
        : `\`sluice ${operation}\` once more takes up what it left; of a rewind \`sluice replay status ${run}\` tells more`,
    },
  );

/**
 * The lease of a run that another process has begun: at once when that has said that it goes, else when it has been silent for
 * the length of a lease.
 * @throws SluiceError `lease-held` when the other is alive, or another run has the read model
 */
export const takeUpRun = async (parts: RewindParts, run: RewindRun): Promise<ReadModelLease> => {
  const { db, owner, leaseMs, clock, log } = parts;
  const { projection, id, operation } = run;
  for (let end = clock() + 1.5 * leaseMs, told = false; ; await sleep(LOOK_MS)) {
    const taken = await takeLease(db, { projection, run: id, operation, owner, leaseMs });
    if (taken.kind === "taken") return taken.lease;
    if (taken.by.run !== id || clock() > end) throw leaseHeld(projection, taken.by);
    if (!told) log(`run ${id} was left by ${taken.by.owner}: waiting until its lease expires`);
    told = true;
  }
};
