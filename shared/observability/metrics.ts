/** The port through which features count; names are CamelCase as CloudWatch's are, units are in the name where not a count. */
export type Meter = {
  /** Of something that happened, so many more. */
  count(name: string, value: number): void;
  /** How long something took. */
  milliseconds(name: string, value: number): void;
  /** How much there is of something now; never summed. */
  level(name: string, value: number, unit?: "Count" | "Milliseconds"): void;
};

/** Counts nothing; for tests and benches. */
export const silentMeter: Meter = { count() {}, milliseconds() {}, level() {} };

/** Each label has a small and fixed set of values: there is a series for each combination of them. */
export type Labels = Readonly<Record<string, string>>;

/** The port for how long things of several kinds took. */
export type Durations = {
  observe(name: string, seconds: number, labels?: Labels): void;
};

/** Observes nothing; for tests and benches. */
export const silentDurations: Durations = { observe() {} };
