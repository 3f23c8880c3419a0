import type { Clock } from "../messaging/clock.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
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

/**
 * Runs all probes at the same time, each with the same limit, and answers `application/health+json`:
 * 503 when the whole fails, 200 when it passes or warns.
 * https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06
 */
export const answerHealth = async (
  probes: readonly HealthProbe[],
  limitMs: number,
  clock: Clock,
  about: { readonly serviceId: string; readonly description: string },
): Promise<Answer> => {
  const checks = await Promise.all(probes.map((probe) => run(probe, limitMs, clock)));
  const status = worst(checks);
  const body = { status, ...about, checks: Object.fromEntries(probes.map(({ name }, at) => [name, [checks[at]]])) };
  const headers = { "content-type": "application/health+json", "cache-control": "no-store" };
  return json(status === "fail" ? 503 : 200, body, headers);
};
