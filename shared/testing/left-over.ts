import { randomBytes } from "node:crypto";

/** A run that was killed leaves what its tests made; later runs take it away once it is this old. */
const leftAfterMs = 6 * 60 * 60 * 1000;

/** A name of its own for what a test makes, telling when: `sluicetest_<seconds since 1970>_<random>`. */
export const testName = (): string => `sluicetest_${Math.floor(Date.now() / 1000)}_${randomBytes(6).toString("hex")}`;

/** True for what a test of a run long over has made. */
export const isLeftOver = (name: string): boolean => {
  const seconds = /^sluicetest_(\d+)_/.exec(name)?.[1];
  return seconds !== undefined && Date.now() - Number(seconds) * 1000 > leftAfterMs;
};
