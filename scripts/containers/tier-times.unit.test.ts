import { expect, test } from "vitest";
import { tierTimes } from "./tier-times.ts";

test("the tier's times are those of the engine with its images, and of the tests", () => {
  expect(tierTimes({ started: 1_000, ready: 161_400, ended: 550_300 })).toBe("engine and images: 160 s; tests: 389 s");
});
