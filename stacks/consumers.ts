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
 * What only provisioned pollers understand: partial answers and a word on retries. Retries without
 * end and no destination for failures: with one, retries would be capped and an outage would divert
 * good records. The function dead-letters poison itself. No metricsConfig: the provider's
 * documentation knows none of Kafka's groups, and it refuses a value that its SDK did not know yet
 * (docs/decisions/aws.md).
 */
const provisioned = () => ({
  functionResponseTypes: ["ReportBatchItemFailures"],
  maximumRetryAttempts: -1,
  maximumRecordAgeInSeconds: -1,
  // A partition has one reader, and there are six. Both mappings share the capacity of one group of
  // pollers, which is paid for by the hour.
  provisionedPollerConfig: { minimumPollers: 1, maximumPollers: 6, pollerGroupName: `${$app.name}-${$app.stage}` },
});

/**
 * A window of none is left out, as the provider would leave it out silently: it sends no zero.
 * Lambda then waits 500 ms at the most for a batch to fill, or 6 MB, or batchSize.
 * https://docs.aws.amazon.com/lambda/latest/dg/msk-esm-parameters.html
 */
const windowOf = (windowMs: number) =>
  windowMs === 0 ? {} : { maximumBatchingWindowInSeconds: Math.ceil(windowMs / 1000) };

const mapping = (group: ConsumerGroup, { stage, net, kafka }: WithMaker, consumer: sst.aws.Function) => {
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
      ...windowOf(windowMs),
      ...(stage.pollers === "provisioned" && provisioned()),
    },
    {
      dependsOn: net.endpoints, // on-demand pollers call AWS through them
      ignoreChanges: ["enabled"], // a rewind turns it off and on; a deploy in between must not
    },
  );
};

/** Each registered group: its function, and the mapping that feeds it. */
export const consumers = (parts: WithMaker) => {
  const { make, stage, kafka, index } = parts;
  const may = kafkaPolicies(kafka);
  return consumerGroups.groups.map((group) => {
    const keepsReadModels = group.kind === "projection";
    const consumer = make(group.functionName, {
      environment: {
        ...kafka.environment,
        ...(keepsReadModels && index.environment),
        PARTIAL_BATCH_RESPONSE: String(stage.pollers === "provisioned"),
        HEED_PAUSES: "true",
      },
      permissions: [
        ...may.connect,
        ...may.mapping(group.topics, group.groupId),
        may.write([group.deadLetterTopic]),
        ...(keepsReadModels ? searchPolicies(index).write : []),
      ],
    });
    return { group, consumer, mapping: mapping(group, parts, consumer) };
  });
};

export type Consumers = ReturnType<typeof consumers>;
