import { expect, test } from "vitest";
import { rewindable } from "../messaging/consumer-groups.ts";
import { consumerGroups } from "./groups.ts";

test("the read models' group may be rewound, the commands' group never", () => {
  expect(rewindable(consumerGroups, "product-event-projection-group")).toMatchObject({
    topics: ["product.events"],
    deadLetterTopic: "dlq.product.events",
    functionName: "product-event-consumer",
  });
  expect(() => rewindable(consumerGroups, "product-command-group")).toThrow(
    expect.objectContaining({ code: "not-rewindable" }),
  );
});

test("commands are read by the command group only", () => {
  const readersOf = (topic: string) => consumerGroups.groups.filter(({ topics }) => topics.includes(topic));

  expect(readersOf("product.commands").map(({ groupId, kind }) => [groupId, kind])).toEqual([
    ["product-command-group", "command"],
  ]);
});
