import { refuseTooOld } from "../inbox/refuse-too-old.ts";
import type { ConsumerGroup } from "../messaging/consumer-groups.ts";
import { isUuidV7 } from "../messaging/uuid-v7.ts";
import type { DeadLetterRoute } from "../operations/dead-letters/dead-letter-route.ts";
import { commandRetentionMs } from "./commands/command-retention.ts";
import { consumerGroups } from "./groups.ts";

/** The inbox makes a replayed command safe for as long as it knows commands; its consumer refuses older ones by the same rule. */
const refuseOldCommand: DeadLetterRoute["refuse"] = ({ eventId }, now) => {
  if (eventId !== undefined && isUuidV7(eventId)) refuseTooOld(eventId, { retentionMs: commandRetentionMs, now });
};

const routeOf = (group: ConsumerGroup): DeadLetterRoute => {
  const { deadLetterTopic, topics: origins } = group;
  if (group.kind === "projection") return { deadLetterTopic, origins, projection: group.projection };
  return { deadLetterTopic, origins, refuse: refuseOldCommand };
};

/** Every dead-letter topic of the system and where its records go back to. */
export const deadLetterRoutes: readonly DeadLetterRoute[] = consumerGroups.groups.map(routeOf);
