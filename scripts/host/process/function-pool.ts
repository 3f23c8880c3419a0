import type { Log } from "../../../shared/observability/logger.ts";
import { type Backoff, backoffMs } from "../backoff.ts";
import type { FunctionSpec } from "../functions.ts";
import { type FunctionProcess, type InvocationResult, startFunctionProcess } from "./function-process.ts";
import type { FunctionError } from "./messages.ts";

/**
 * A function with its processes. As on Lambda a process has one invocation at a time, and another process is started
 * when all are busy, up to the function's concurrency: what works only because two requests share a process, or fails
 * because they do, shows here as it would there. Beyond that, invocations wait.
 */
export type FunctionPool = {
  readonly name: string;
  /** Never rejects. While no process can be started it answers `unavailable` at once. */
  invoke(payload: string): Promise<InvocationResult>;
  status(): FunctionStatus;
  /** Asks its processes to end what they are at, and has a new one in their place. Returns when they have ended. */
  renew(graceMs: number): Promise<void>;
  stop(graceMs: number): Promise<void>;
};

export type FunctionStatus = {
  readonly name: string;
  /** `restarting`: the last process died or did not start, and a new one comes after a wait. */
  readonly state: "starting" | "ready" | "restarting" | "stopped";
  readonly pids: readonly number[];
  readonly invocations: number;
  readonly errors: number;
  readonly restarts: number;
};

export type FunctionPoolOptions = {
  readonly spec: Pick<FunctionSpec, "name" | "handlerFile" | "timeoutMs" | "concurrency">;
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  readonly log: Log;
  readonly backoff?: Backoff;
  /** A process more than one ends after so long without work. */
  readonly idleMs?: number;
};

const BACKOFF: Backoff = { firstMs: 200, maxMs: 15_000 };
const IDLE_MS = 60_000;

type Member = { readonly process: FunctionProcess; state: "starting" | "idle" | "busy"; idleTimer?: NodeJS.Timeout };
type Waiting = { readonly payload: string; readonly resolve: (result: InvocationResult) => void };

/** Guards the set of processes and the queue before it. */
class Pool implements FunctionPool {
  readonly #options: FunctionPoolOptions;
  readonly #members = new Set<Member>();
  readonly #queue: Waiting[] = [];
  #failuresInARow = 0;
  #lastError: FunctionError | undefined;
  #lastReported: string | undefined;
  #restart: NodeJS.Timeout | undefined;
  #stopped = false;
  #invocations = 0;
  #errors = 0;
  #restarts = 0;

  constructor(options: FunctionPoolOptions) {
    this.#options = options;
    this.#start();
  }

  get name(): string {
    return this.#options.spec.name;
  }

  status(): FunctionStatus {
    const members = [...this.#members];
    const up = members.some(({ state }) => state !== "starting");
    const state = this.#stopped ? "stopped" : up ? "ready" : this.#restart === undefined ? "starting" : "restarting";
    return {
      name: this.name,
      state,
      pids: members.flatMap(({ process: { pid } }) => (pid === undefined ? [] : [pid])),
      invocations: this.#invocations,
      errors: this.#errors,
      restarts: this.#restarts,
    };
  }

  invoke(payload: string): Promise<InvocationResult> {
    if (this.#stopped || this.#restart !== undefined) return Promise.resolve(this.#unavailable());
    const { promise, resolve } = Promise.withResolvers<InvocationResult>();
    this.#queue.push({ payload, resolve });
    this.#assign();
    return promise;
  }

  async renew(graceMs: number): Promise<void> {
    const members = [...this.#members];
    this.#members.clear();
    for (const { idleTimer } of members) clearTimeout(idleTimer);
    const ended = members.map(({ process }) => process.stop(graceMs));
    if (!this.#stopped && this.#restart === undefined) this.#start();
    await Promise.all(ended);
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#restart);
    this.#refuseWaiting();
    for (const { idleTimer } of this.#members) clearTimeout(idleTimer);
    await Promise.all([...this.#members].map(({ process }) => process.stop(graceMs)));
  }

  #unavailable(): InvocationResult {
    const why = this.#stopped ? "is stopped" : `does not run: ${this.#lastError?.errorMessage ?? "it died"}`;
    const error = { errorType: "Runtime.Unavailable", errorMessage: `${this.name} ${why}` };
    return { ok: false, reason: "unavailable", error };
  }

  #refuseWaiting(): void {
    for (const { resolve } of this.#queue.splice(0)) resolve(this.#unavailable());
  }

  /** Gives waiting invocations to idle processes, and starts more for those left over. */
  #assign(): void {
    for (const member of this.#members) {
      if (member.state !== "idle") continue;
      const next = this.#queue.shift();
      if (next === undefined) return;
      void this.#run(member, next);
    }
    const starting = [...this.#members].filter(({ state }) => state === "starting").length;
    const room = this.#options.spec.concurrency - this.#members.size;
    for (let more = Math.min(room, this.#queue.length - starting); more > 0; more--) this.#start();
  }

  async #run(member: Member, { payload, resolve }: Waiting): Promise<void> {
    clearTimeout(member.idleTimer);
    member.state = "busy";
    this.#invocations++;
    const result = await member.process.invoke(payload);
    if (!result.ok) {
      this.#errors++;
      if (!this.#stopped) this.#report(result.error); // what is cut short by the stop comes again, or is answered as such
    }
    if (result.ok || result.reason === "function") this.#failuresInARow = 0;
    resolve(result);
    if (this.#members.has(member) && (result.ok || !isFatal(result.error))) this.#free(member);
  }

  #free(member: Member): void {
    member.state = "idle";
    const idleMs = this.#options.idleMs ?? IDLE_MS;
    member.idleTimer = setTimeout(() => this.#retire(member), idleMs).unref();
    this.#assign();
  }

  #retire(member: Member): void {
    if (this.#members.size < 2 || member.state !== "idle") return;
    this.#members.delete(member);
    void member.process.stop(1000);
  }

  #start(): void {
    const { spec, environment, onLine } = this.#options;
    const member: Member = { process: startFunctionProcess({ spec, environment, onLine }), state: "starting" };
    this.#members.add(member);
    void member.process.started.then((error) => {
      if (!this.#members.has(member)) return; // renewed meanwhile
      if (error === undefined) return this.#free(member);
      this.#lastError = error;
      if (!this.#stopped) this.#report(error);
    });
    void member.process.exited.then((words) => this.#ended(member, words));
  }

  #ended(member: Member, words: string): void {
    clearTimeout(member.idleTimer);
    if (!this.#members.delete(member) || this.#stopped) return;
    if (this.#members.size > 0) {
      this.#assign();
      return;
    }
    this.#failuresInARow++;
    const wait = backoffMs(this.#options.backoff ?? BACKOFF, this.#failuresInARow);
    this.#options.log.warn(`its process ended (${words}); a new one starts in ${wait} ms`);
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      this.#restarts++;
      this.#start();
    }, wait);
    this.#refuseWaiting();
  }

  /** The first of equal errors in a row is told with its stack, the others without. */
  #report({ errorType, errorMessage, hint, trace = [] }: FunctionError): void {
    const plain = errorType === "SluiceError" && trace.every((line) => !line.startsWith("caused by"));
    const message = `${plain ? "" : `${errorType}: `}${errorMessage}`;
    const stack = plain || message === this.#lastReported ? "" : ownFrames(trace.slice(1));
    this.#lastReported = message;
    this.#options.log.error(message, {
      ...(hint === undefined ? {} : { hint }),
      ...(stack === "" ? {} : { stack }),
    });
  }
}

/** A stack without the frames of Node and of the runtime, which are the same in every one. */
const ownFrames = (frames: readonly string[]): string =>
  frames.filter((frame) => !/\(?node:|function-runtime\.ts/.test(frame)).join("\n");

/** After these the process is gone or going. */
const isFatal = ({ errorType }: FunctionError): boolean =>
  errorType === "Runtime.ExitError" || errorType === "Sandbox.Timedout" || errorType === "Runtime.Unavailable";

/** Starts a function: one process at once, more when they are needed. */
export const startFunctionPool = (options: FunctionPoolOptions): FunctionPool => new Pool(options);
