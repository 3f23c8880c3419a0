import { type Poller, type PollerOptions, startPoller } from "./poller.ts";
import { createSignal } from "./signal.ts";

/** The states of an event source mapping that can be here. */
export type MappingState = "Creating" | "Enabling" | "Enabled" | "Disabling" | "Disabled";

export type MappingStatus = {
  readonly function: string;
  readonly topic: string;
  readonly groupId: string;
  readonly state: MappingState;
  readonly batchSize: number;
  readonly windowMs: number;
  /** In AWS's words: `OK`, `No records processed`, `PROBLEM: …`. */
  readonly lastProcessingResult: string;
  /** What it is asked to be; it is not while somebody holds it. */
  readonly enabled: boolean;
  /** How many hold it disabled at present. */
  readonly holds: number;
};

/** A poller that can be enabled and disabled at run time, as an event source mapping can. */
export type Mapping = {
  status(): MappingStatus;
  /** Ends the hold with which it was created. */
  begin(): void;
  /** Asks for it; `reached` says when it is so. */
  enable(): void;
  disable(): void;
  /**
   * Keeps it disabled until every hold is released, whoever enables it meanwhile; then it is as it was asked to be.
   * @returns the release
   */
  hold(): () => void;
  reached(state: "Enabled" | "Disabled", signal?: AbortSignal): Promise<void>;
  /** Disables it for good. Returns when the group is left. */
  stop(): Promise<void>;
};

export type MappingOptions = PollerOptions & {
  readonly functionName: string;
  /** Created held, until `begin`. */
  readonly waits?: boolean;
};

/** Guards the poller: at most one at a time, and none but when it is asked for and not held. */
class PollerMapping implements Mapping {
  readonly #options: MappingOptions;
  readonly #first = Symbol();
  readonly #holds = new Set<symbol>();
  readonly #changed = createSignal();
  readonly #waiting = new Set<() => void>();
  readonly #ended: Promise<void>;
  #wanted = true;
  #stopped = false;
  #state: MappingState = "Creating";
  #poller: Poller | undefined;
  #lastResult = "No records processed";

  constructor(options: MappingOptions) {
    this.#options = options;
    if (options.waits === true) this.#holds.add(this.#first);
    this.#ended = this.#reconcile();
  }

  status(): MappingStatus {
    const { functionName, topic, groupId, batchSize, windowMs } = this.#options;
    return {
      function: functionName,
      topic,
      groupId,
      state: this.#state,
      batchSize,
      windowMs,
      lastProcessingResult: this.#poller?.lastResult() ?? this.#lastResult,
      enabled: this.#wanted,
      holds: this.#holds.size,
    };
  }

  begin(): void {
    this.#holds.delete(this.#first);
    this.#changed.wake();
  }

  enable(): void {
    this.#wanted = true;
    this.#changed.wake();
  }

  disable(): void {
    this.#wanted = false;
    this.#changed.wake();
  }

  hold(): () => void {
    const hold = Symbol();
    this.#holds.add(hold);
    this.#changed.wake();
    return () => {
      this.#holds.delete(hold);
      this.#changed.wake();
    };
  }

  async reached(state: "Enabled" | "Disabled", signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      if (this.#state === state) resolve();
    };
    const abort = () => reject(signal?.reason);
    this.#waiting.add(look);
    signal?.addEventListener("abort", abort);
    look();
    try {
      await promise;
    } finally {
      this.#waiting.delete(look);
      signal?.removeEventListener("abort", abort);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#changed.wake();
    await this.#ended;
  }

  #enter(state: MappingState): void {
    this.#state = state;
    for (const look of this.#waiting) look();
  }

  /** Brings what is to what is asked for, one step after the other, whenever something changes. */
  async #reconcile(): Promise<void> {
    for (;;) {
      const active = this.#wanted && this.#holds.size === 0 && !this.#stopped;
      if (active && this.#poller === undefined) this.#start();
      else if (!active && this.#poller !== undefined) await this.#end(this.#poller);
      else if (!active) {
        this.#enter("Disabled");
        if (this.#stopped) return;
        await this.#changed.wait();
      } else await this.#changed.wait();
    }
  }

  #start(): void {
    if (this.#state !== "Creating") this.#enter("Enabling");
    const poller = startPoller(this.#options);
    this.#poller = poller;
    void poller.joined.then(() => {
      if (poller === this.#poller && (this.#state === "Creating" || this.#state === "Enabling")) this.#enter("Enabled");
    });
  }

  async #end(poller: Poller): Promise<void> {
    this.#enter("Disabling");
    await poller.stop();
    this.#lastResult = poller.lastResult();
    this.#poller = undefined;
  }
}

/** @throws SluiceError `bad-mapping`, see `startPoller` */
export const createMapping = (options: MappingOptions): Mapping => new PollerMapping(options);
