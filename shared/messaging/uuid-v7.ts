import { randomFillSync } from "node:crypto";
import type { Clock } from "./clock.ts";

const pool = Buffer.alloc(16 * 256);
let used = pool.length;

/** Ten random bytes; drawn in bulk, as a call to the system for each id costs more than the id. */
const random = (): Buffer => {
  if (used + 10 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 10;
  return pool.subarray(used - 10, used);
};

/**
 * A UUID of version 7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then 74 random bits.
 * Made here and not in SQL: PostgreSQL has `uuidv7()` only from version 18 on.
 */
export const uuidV7 = (clock: Clock = Date.now): string => {
  const bytes = random();
  const time = clock().toString(16).padStart(12, "0");
  bytes[0] = ((bytes[0] ?? 0) & 0x0f) | 0x70;
  bytes[2] = ((bytes[2] ?? 0) & 0x3f) | 0x80;
  const rest = bytes.toString("hex");
  return `${time.slice(0, 8)}-${time.slice(8)}-${rest.slice(0, 4)}-${rest.slice(4, 8)}-${rest.slice(8)}`;
};

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** Whether a text is a UUIDv7, in small letters or large. */
export const isUuidV7 = (text: string): boolean => form.test(text);

/** The milliseconds since 1970 in a UUIDv7. */
export const timeOfUuidV7 = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** The lowest UUIDv7 of a time: every one that was made before is below it, as PostgreSQL compares them, too. */
export const firstUuidV7At = (time: number): string => {
  const hex = time.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
};
