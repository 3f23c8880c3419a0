import type { Clock } from "../../shared/messaging/clock.ts";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * A point in time as people give it: ISO 8601, or an age such as `90m`, `2h`, `7d`.
 * @throws SluiceError `usage`
 */
export const instant = (text: string, clock: Clock): Date => {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return new Date(clock() - Number(count) * unitMs[unit as keyof typeof unitMs]);
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (!Number.isNaN(time.getTime())) return time;
  throw new SluiceError("usage", `${text} is no time`, { hint: "2026-05-01T10:00Z, or an age such as 90m, 2h, 7d" });
};
