import { functions } from "../scripts/host/functions.ts";
import { consumerGroups } from "../shared/catalogue/groups.ts";
import type { ConsumerGroup } from "../shared/messaging/consumer-groups.ts";
import type { WithMaker } from "./function.ts";
import { kafkaPolicies } from "./policies/kafka.ts";
import { searchPolicies } from "./policies/search.ts";

/** A batch is as large here as it is in the local host, whose poller has the mapping's rules. */
const triggerOf = ({ functionName: name }: ConsumerGroup) => {
  const trigger = functions.find((each) => each.name === name)?.trigger;
  if (trigger?.kind !== "kafka") throw new Error(`scripts/host/functions.ts has no Kafka trigger for ${name}`);
  return trigger;
};

/**
 * Retries without end and no destination for failures: with one, retries would be capped and an outage would divert good records.
 * The function dead-letters poison itself. A partial answer is understood in provisioned mode only.
 */
const mapping = (group: ConsumerGroup, kafka: WithMaker["kafka"], consumer: sst.aws.Function) => {
  const { topic, groupId, batchSize, windowMs } = triggerOf(group);
  return new aws.lambda.EventSourceMapping(
    `${group.kind === "projection" ? "Projection" : "Command"}Mapping`,
    {
      eventSourceArn: kafka.arn,
      functionName: consumer.arn,
      topics: [topic],
      amazonManagedKafkaEventSourceConfig: { consumerGroupId: groupId },
      startingPosition: "TRIM_HORIZON",
      batchSize,
      maximumBatchingWindowInSeconds: Math.ceil(windowMs / 1000),
      functionResponseTypes: ["ReportBatchItemFailures"],
      maximumRetryAttempts: -1,
      maximumRecordAgeInSeconds: -1,
      // A partition has one reader, and there are six. Both mappings share the capacity of one group of pollers, which is paid for by the hour.
      provisionedPollerConfig: { minimumPollers: 1, maximumPollers: 6, pollerGroupName: `${$app.name}-${$app.stage}` },
      metricsConfig: { metrics: ["EventCount"] },
    },
    { ignoreChanges: ["enabled"] }, // a rewind turns it off and on; a deploy in between must not
  );
};

/** Each registered group: its function, and the mapping that feeds it. */
export const consumers = ({ make, kafka, db, index }: WithMaker) => {
  const may = kafkaPolicies(kafka);
  return consumerGroups.groups.map((group) => {
    const keepsReadModels = group.kind === "projection";
    const consumer = make(group.functionName, {
      link: [db.link],
      environment: {
        ...db.environment,
        ...kafka.environment,
        ...(keepsReadModels && index.environment),
        PARTIAL_BATCH_RESPONSE: "true",
        HEED_PAUSES: "true",
      },
      permissions: [
        ...may.connect,
        ...may.mapping(group.topics, group.groupId),
        may.write([group.deadLetterTopic]),
        ...(keepsReadModels ? searchPolicies(index).write : []),
      ],
    });
    return { group, consumer, mapping: mapping(group, kafka, consumer) };
  });
};

export type Consumers = ReturnType<typeof consumers>;
