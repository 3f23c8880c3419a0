import type { Clock } from "../messaging/clock.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import { keepFresh } from "../observability/keep-fresh.ts";
import { type Answer, json } from "./answer.ts";

/** What a probe saw. `warning` says why it is not well although it answered. */
export type Observation = {
  readonly observedValue: number | string;
  readonly observedUnit?: string;
  readonly warning?: string | undefined;
};

/** One check of one part. */
export type HealthProbe = {
  /** `component:measurement`, e.g. `postgres:responseTime`. */
  readonly name: string;
  readonly componentType: "datastore" | "component" | "system";
  /** What its failure makes of the whole: `fail` when nothing can be answered without it, else `warn`. */
  readonly whenDown: "fail" | "warn";
  observe(): Promise<Observation>;
};

type Status = "pass" | "warn" | "fail";

type Check = Readonly<Record<string, unknown>> & { readonly status: Status };

const overdue = (limitMs: number): { readonly promise: Promise<never>; stop(): void } => {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new SluiceError("no-answer-in-time", `no answer within ${limitMs} ms`)),
    limitMs,
  );
  return { promise, stop: () => clearTimeout(timer) };
};

const run = async (probe: HealthProbe, limitMs: number, clock: Clock): Promise<Check> => {
  const about = { componentType: probe.componentType, time: new Date(clock()).toISOString() };
  const late = overdue(limitMs);
  try {
    const { warning, ...observed } = await Promise.race([probe.observe(), late.promise]);
    if (warning === undefined) return { ...about, ...observed, status: "pass" };
    return { ...about, ...observed, status: "warn", output: warning };
  } catch (fault) {
    // The code alone: a message may name hosts and users, and anybody may ask for the health.
    return { ...about, status: probe.whenDown, output: fault instanceof SluiceError ? fault.code : "unreachable" };
  } finally {
    late.stop();
  }
};

const worst = (checks: readonly Check[]): Status => {
  const found = new Set(checks.map(({ status }) => status));
  return found.has("fail") ? "fail" : found.has("warn") ? "warn" : "pass";
};

export type HealthOptions = {
  readonly probes: readonly HealthProbe[];
  /** How long each probe may take. */
  readonly limitMs: number;
  /** For how long an answer is given again; a failure for `failFreshMs` at the most. */
  readonly freshMs: number;
  readonly clock: Clock;
  readonly about: { readonly serviceId: string; readonly description: string };
};

type Health = { readonly status: Status; readonly body: object };

/** A failure is looked at again soon, so that its end is seen without waiting for a cache. */
export const failFreshMs = 1_000;

const examine = async ({ probes, limitMs, clock, about }: HealthOptions): Promise<Health> => {
  const checks = await Promise.all(probes.map((probe) => run(probe, limitMs, clock)));
  const status = worst(checks);
  return {
    status,
    body: { status, ...about, checks: Object.fromEntries(probes.map(({ name }, at) => [name, [checks[at]]])) },
  };
};

const seconds = (ms: number): string => String(Math.floor(ms / 1000));

/**
 * Answers `application/health+json`: 503 when the whole fails, 200 when it passes or warns. All
 * probes run at the same time, once for all who ask while they run; the answer is given again while
 * it is fresh, and says by `age` and `cache-control` how old it is and how long it holds.
 * https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06
 */
export const createHealth = (options: HealthOptions): (() => Promise<Answer>) => {
  const freshMs = ({ status }: Health) =>
    status === "fail" ? Math.min(failFreshMs, options.freshMs) : options.freshMs;
  const kept = keepFresh(() => examine(options), { freshMs, clock: options.clock });
  return async () => {
    const { answer, ageMs } = await kept();
    const holdsMs = freshMs(answer);
    return json(answer.status === "fail" ? 503 : 200, answer.body, {
      "content-type": "application/health+json",
      "cache-control": holdsMs < 1000 ? "no-store" : `max-age=${seconds(holdsMs)}`,
      age: seconds(ageMs),
    });
  };
};
