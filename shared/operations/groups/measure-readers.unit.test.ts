import { expect, test, vi } from "vitest";
import { measureReaders } from "./measure-readers.ts";

test("a group without a member is counted and named, one that is read is not", async () => {
  const level = vi.fn();
  const described = [
    { group: "read", members: [{}] },
    { group: "off", members: [] },
  ];
  const reader = { describeGroups: vi.fn(async () => described) };
  const ports = { reader, meter: { level } } as never;
  expect(await measureReaders(ports, ["read", "off"])).toEqual(["off"]);
  expect(reader.describeGroups).toHaveBeenCalledWith(["read", "off"]);
  expect(level).toHaveBeenCalledWith("GroupsWithoutReader", 1);
});
