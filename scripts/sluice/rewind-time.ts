import { SluiceError } from "../../shared/messaging/sluice-error.ts";

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** As Kafka's tool takes it, `PnDTnHnMnS`. */
const iso = /^P(?=[\dT])(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;

/**
 * A length of time in milliseconds: `PT1H30M`, or `90m`.
 * @throws SluiceError `usage`
 */
export const durationMs = (text: string): number => {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * unitMs[unit as keyof typeof unitMs];
  const found = iso.exec(text);
  if (found === null)
    throw new SluiceError("usage", `${text} is no duration`, { hint: "PT1H30M, P2D, or 90m, 2h, 7d" });
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0));
  return Math.round(days * unitMs.d + hours * unitMs.h + minutes * unitMs.m + seconds * unitMs.s);
};

/**
 * A point in time in milliseconds since 1970: `2026-05-01T10:00:00.000`, with a zone or in UTC, as Kafka's tool has it.
 * @throws SluiceError `usage`
 */
export const dateTime = (text: string): number => {
  const shape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})?$/.exec(text);
  const zoned =
    shape === null ? undefined : shape[1] === undefined ? `${text}Z` : text.replace(/([+-]\d{2})(\d{2})$/, "$1:$2");
  const time = zoned === undefined ? Number.NaN : Date.parse(zoned);
  if (!Number.isNaN(time)) return time;
  throw new SluiceError("usage", `${text} is no time`, {
    hint: "2026-05-01T10:00:00.000, or with a zone; else it is UTC",
  });
};
