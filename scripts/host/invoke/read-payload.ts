import { readFileSync } from "node:fs";
import { SluiceError } from "../../../shared/messaging/sluice-error.ts";

/**
 * The event that somebody gave: JSON, or `@file` with JSON in it.
 * @returns the same as one line of JSON
 * @throws SluiceError `bad-payload`
 */
export const readPayload = (given: string): string => {
  const text = given.startsWith("@") ? readText(given.slice(1)) : given;
  try {
    return JSON.stringify(JSON.parse(text));
  } catch (cause) {
    throw new SluiceError("bad-payload", `the payload is not JSON: ${(cause as Error).message}`, { cause });
  }
};

const readText = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new SluiceError("bad-payload", `the payload's file cannot be read: ${(cause as Error).message}`, { cause });
  }
};
