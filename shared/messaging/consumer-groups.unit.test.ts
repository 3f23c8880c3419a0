import { expect, expectTypeOf, test } from "vitest";
import {
  type CommandGroup,
  commandGroup,
  createGroupRegistry,
  type ProjectionGroup,
  projectionGroup,
  rewindable,
} from "./consumer-groups.ts";

const readers = projectionGroup({
  groupId: "thing-readers",
  topics: ["things"],
  deadLetterTopic: "dlq.things",
  functionName: "thing-reader",
  projection: "things",
});
const doers = commandGroup({
  groupId: "thing-doers",
  topics: ["thing.commands"],
  deadLetterTopic: "dlq.thing.commands",
  functionName: "thing-doer",
});
const registry = createGroupRegistry([readers, doers]);

test("a projection group may be rewound", () => {
  expect(rewindable(registry, "thing-readers")).toBe(readers);
});

test("a command group is never rewound, and the refusal quotes the rule", () => {
  expect(() => rewindable(registry, "thing-doers")).toThrow(
    expect.objectContaining({
      code: "not-rewindable",
      canRetry: false,
      message: expect.stringContaining("command consumers are never rewound"),
    }),
  );
});

test.each(["", "thing-reader", "THING-READERS", "__proto__"])(
  "a group that nobody registered is refused: '%s'",
  (id) => {
    expect(() => rewindable(registry, id)).toThrow(
      expect.objectContaining({ code: "unknown-group", hint: "registered are thing-readers, thing-doers" }),
    );
  },
);

test("one group id cannot be two groups, whatever their kinds", () => {
  const other = commandGroup({ ...doers, groupId: "thing-readers" });
  for (const twice of [
    [readers, readers],
    [readers, other],
  ])
    expect(() => createGroupRegistry(twice)).toThrow(expect.objectContaining({ code: "registry-invalid" }));
});

test("what takes a projection group does not compile with a command group, nor with one that was made to look alike", () => {
  const rewind = (group: ProjectionGroup): string => group.groupId;

  rewind(readers);
  // @ts-expect-error a command group
  rewind(doers);
  // @ts-expect-error a command group under another kind
  rewind({ ...doers, kind: "projection" as const });
  // @ts-expect-error nobody's group
  rewind({ kind: "projection", groupId: "x", topics: [], deadLetterTopic: "y", functionName: "z" });

  expectTypeOf<CommandGroup>().not.toExtend<ProjectionGroup>();
  expectTypeOf<ProjectionGroup>().not.toExtend<CommandGroup>();
  expectTypeOf(rewindable).returns.toEqualTypeOf<ProjectionGroup>();
});
