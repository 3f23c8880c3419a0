/** Seconds for people: `45s`, `3m 20s`, `2h 5m`. */
export const duration = (seconds: number | undefined): string | undefined => {
  if (seconds === undefined) return undefined;
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`;
  return `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`;
};
