import { expect, test } from "vitest";
import { instant } from "./instant.ts";

const now = Date.UTC(2026, 4, 1, 12);

test.each([
  ["90s", "2026-05-01T11:58:30.000Z"],
  ["90m", "2026-05-01T10:30:00.000Z"],
  ["2h", "2026-05-01T10:00:00.000Z"],
  ["7d", "2026-04-24T12:00:00.000Z"],
  ["2026-04-01", "2026-04-01T00:00:00.000Z"],
  ["2026-04-01T10:00+02:00", "2026-04-01T08:00:00.000Z"],
])("%s is %s", (text, iso) => {
  expect(instant(text, () => now).toISOString()).toBe(iso);
});

test.each(["", "yesterday", "5", "5w", "-5m", "2026-13-01", "20260401"])("%j is no time", (text) => {
  expect(() => instant(text, () => now)).toThrow(expect.objectContaining({ code: "usage" }));
});
