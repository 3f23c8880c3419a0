/** `engine and images: 160 s; tests: 389 s`; each moment in milliseconds. */
export const tierTimes = (moments: {
  readonly started: number;
  readonly ready: number;
  readonly ended: number;
}): string => {
  const { started, ready, ended } = moments;
  const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
  return `engine and images: ${seconds(ready - started)}; tests: ${seconds(ended - ready)}`;
};
