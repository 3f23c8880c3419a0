import { commandGroup, createGroupRegistry, projectionGroup } from "../../../messaging/consumer-groups.ts";

/** A registry of a topic's own: who projects it, and who does commands from it. */
export const thingGroups = (topic: string) => {
  const about = { topics: [topic], deadLetterTopic: `dlq.${topic}` };
  const readers = projectionGroup({
    ...about,
    groupId: `readers-${topic}`,
    functionName: "thing-reader",
    projection: "things",
  });
  const doers = commandGroup({ ...about, groupId: `doers-${topic}`, functionName: "thing-doer" });
  return { readers, doers, registry: createGroupRegistry([readers, doers]) };
};
