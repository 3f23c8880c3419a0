import { SluiceError } from "../../messaging/sluice-error.ts";
import { keepFresh } from "../../observability/keep-fresh.ts";
import type { Log } from "../../observability/logger.ts";
import { type Family, gauge, sample } from "./family.ts";
import type { MetricSource, SourcePorts } from "./source.ts";

export type GatherOptions = Omit<SourcePorts, "reader"> & {
  readonly sources: readonly MetricSource[];
  /** A reader for one round; it is closed at its end. A connection that is kept would have died while a process stood still. */
  openReader(): SourcePorts["reader"] & { close(): void };
  readonly log: Log;
  /** How long each source may take. */
  readonly limitMs: number;
  /** For how long an answer is given again instead of asking the sources once more. */
  readonly freshMs: number;
};

type Reading = {
  readonly source: string;
  readonly up: 0 | 1;
  readonly seconds: number;
  readonly families: readonly Family[];
};

const late = (limitMs: number): { readonly promise: Promise<never>; stop(): void } => {
  const { promise, reject } = Promise.withResolvers<never>();
  const fault = new SluiceError("no-answer-in-time", `no answer within ${limitMs} ms`);
  const timer = setTimeout(() => reject(fault), limitMs);
  return { promise, stop: () => clearTimeout(timer) };
};

/** One source; what is wrong with it is nobody else's concern. */
const read = async (
  source: MetricSource,
  ports: SourcePorts,
  { limitMs, log, clock }: GatherOptions,
): Promise<Reading> => {
  const started = clock();
  const limit = late(limitMs);
  const about = { source: source.name };
  try {
    const families = await Promise.race([source.read(ports), limit.promise]);
    return { ...about, up: 1, seconds: (clock() - started) / 1000, families };
  } catch (error) {
    log.warn("a source of metrics could not be read", { ...about, error });
    return { ...about, up: 0, seconds: (clock() - started) / 1000, families: [] };
  } finally {
    limit.stop();
  }
};

const gather = async (options: GatherOptions): Promise<readonly Family[]> => {
  const { sources, openReader, db, registry, clock } = options;
  const reader = openReader();
  try {
    const readings = await Promise.all(sources.map((each) => read(each, { reader, db, registry, clock }, options)));
    return [
      ...readings.flatMap(({ families }) => families),
      gauge(
        "metrics_source_up",
        "1 when the source of these metrics could be read; its own series are missing when not",
        readings.map(({ source, up }) => sample(up, { source })),
      ),
      gauge(
        "metrics_source_seconds",
        "How long it took to read a source",
        readings.map(({ source, seconds }) => sample(seconds, { source })),
      ),
    ];
  } finally {
    reader.close();
  }
};

/** Reads all sources beside each other, once for all who ask within a few seconds. Never rejects for a source that is down. */
export const createGathering = (options: GatherOptions): (() => Promise<readonly Family[]>) => {
  const { freshMs, clock } = options;
  const kept = keepFresh(() => gather(options), { freshMs: () => freshMs, clock });
  return async () => (await kept()).answer;
};
