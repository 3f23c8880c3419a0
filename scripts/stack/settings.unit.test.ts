import { expect, test } from "vitest";
import { stackPaths } from "./paths.ts";
import { addressesGiven, portsSet } from "./settings.ts";

test("addresses and ports come from their variables; an empty one gives none", () => {
  const env = {
    DATABASE_URL: "postgres://h/d",
    KAFKA_BROKERS: "",
    SLUICE_KAFKA_PORT: "9999",
    SLUICE_POSTGRES_PORT: "",
  };
  expect(addressesGiven(env)).toEqual({ postgres: "postgres://h/d" });
  expect(portsSet(env)).toEqual({ kafka: 9999 });
});

test.each(["0", "65536", "abc", "-1", "90.5"])("%s is not a port, and the message names the variable", (text) => {
  expect(() => portsSet({ SLUICE_KAFKA_PORT: text })).toThrow(/SLUICE_KAFKA_PORT is ".*", not a port/);
});

test.each(["", "Dev", "../x", "-x", "cache", "a".repeat(32)])("%j cannot be a stack's name", (name) => {
  expect(() => stackPaths(name)).toThrow(/cannot be the name of a stack/);
});

test("two stacks share nothing but the cache", () => {
  const [one, other] = [stackPaths("one"), stackPaths("other")];
  expect(one.state).not.toBe(other.state);
  expect(one.stateFile.startsWith(one.state)).toBe(true);
  expect(one.lockFile).not.toBe(other.lockFile);
  expect(one.cache).toBe(other.cache);
});
