import { commandGroup, createGroupRegistry, projectionGroup } from "../messaging/consumer-groups.ts";
import { productProjection, productProjectionGroup } from "./product-projection.ts";
import { topics } from "./topics.ts";

/** Keeps both read models of products. */
const productReadModels = projectionGroup({
  groupId: productProjectionGroup,
  topics: [topics.productEvents.name],
  deadLetterTopic: topics.productEventsDeadLetters.name,
  functionName: "product-event-consumer",
  projection: productProjection.name,
});

/** Does every command, on products and on reservations. */
export const productCommandGroup = commandGroup({
  groupId: "product-command-group",
  topics: [topics.productCommands.name],
  deadLetterTopic: topics.productCommandsDeadLetters.name,
  functionName: "product-command-consumer",
});

/** Every consumer group of the system. Operations find here what they may do to which. */
export const consumerGroups = createGroupRegistry([productReadModels, productCommandGroup]);
