/** The port through which features count; names are CamelCase as CloudWatch's are, units are in the name where not a count. */
export type Meter = {
  count(name: string, value: number): void;
  milliseconds(name: string, value: number): void;
};

/** Counts nothing; for tests and benches. */
export const silentMeter: Meter = { count() {}, milliseconds() {} };
