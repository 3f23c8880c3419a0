import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { type GuardedProcess, startGuarded } from "./guarded-process.ts";
import type { GuardedSpec } from "./guardian.ts";
import type { EmbeddedPart, PartName } from "./part.ts";

type Recipe = {
  readonly name: PartName;
  readonly port: number;
  readonly address: string;
  readonly spec: GuardedSpec;
  /** True once it serves. Must be *this* process that answers, not another on the port. May throw: it is not ready then. */
  readonly isReady: () => Promise<boolean>;
  /** Once at the first start, when it answers. */
  readonly afterStart?: () => Promise<void>;
  readonly readyWithinMs: number;
  /** How to make it crash, where killing the process would only end its command line. */
  readonly crash?: () => Promise<void>;
  /** Takes away what lies outside its folder, once it has stopped. */
  readonly removeRest?: () => Promise<void>;
};

const lastLines = (file: string): string =>
  existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n").slice(-5).join("\n  ") : "";

const waitUntilReady = async (recipe: Recipe, child: GuardedProcess): Promise<void> => {
  let ended = false;
  void child.exited.then(() => {
    ended = true;
  });
  const deadline = Date.now() + recipe.readyWithinMs;
  while (!(await recipe.isReady().catch(() => false))) {
    if (ended || Date.now() > deadline) {
      await child.stop();
      const what = ended ? "ended while starting" : `did not answer within ${recipe.readyWithinMs / 1000} s`;
      throw new SluiceError("part-not-started", `${recipe.name} ${what}\n  ${lastLines(recipe.spec.logFile)}`, {
        hint: `see ${recipe.spec.logFile}`,
      });
    }
    await sleep(50);
  }
};

/** Starts a process of ours as a part of a stack and waits until it answers. */
export const startEmbedded = async (recipe: Recipe): Promise<EmbeddedPart> => {
  let child: GuardedProcess;
  const start = async () => {
    child = await startGuarded(recipe.spec);
    await waitUntilReady(recipe, child);
  };
  await start();
  await recipe.afterStart?.();
  return {
    address: recipe.address,
    port: recipe.port,
    get pid() {
      return child.pid;
    },
    get identity() {
      return child.identity;
    },
    get exited() {
      return child.exited;
    },
    kill: async () => {
      if (recipe.crash === undefined) return child.kill();
      await recipe.crash();
      await child.exited;
    },
    stop: () => child.stop(),
    remove: async () => {
      await child.stop();
      await recipe.removeRest?.();
    },
    start,
    release: () => child.release(),
  };
};
