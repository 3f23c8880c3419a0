import { productProjectionGroup as groupId } from "../../../shared/catalogue/product-projection.ts";
import { topics } from "../../../shared/catalogue/topics.ts";
import { kafkaClusterReader } from "../../../shared/kafka/cluster-reader.ts";
import { kafkaPublisher } from "../../../shared/kafka/kafka-publisher.ts";
import { silentLog } from "../../../shared/observability/logger.ts";
import { eventually } from "../../../shared/testing/eventually.ts";
import { withAdmin } from "../../../shared/testing/kafka-topic.ts";
import type { DeployedStage } from "./deployed-stage.ts";

const topic = topics.productEvents.name;

/** The topic that a stage's projection reads. */
export const openProjectedTopic = ({ kafkaBrokers, obstacles }: DeployedStage) => {
  const connection = { brokers: kafkaBrokers.split(","), clientId: "test", log: silentLog };
  const [reader, publisher] = [kafkaClusterReader({ connection }), kafkaPublisher({ connection })];

  const publishSome = async () => {
    const some = Array.from({ length: 30 }, (_, index) => ({ topic, key: `k${index}`, value: "v", headers: [] }));
    await publisher.publish(some);
  };

  const positions = async () => {
    const described = (await reader.topics()).find((each) => each.topic === topic);
    const ranges = await reader.ranges((described?.partitions ?? []).map(({ partition }) => ({ topic, partition })));
    const committed = (await reader.committed(groupId)).filter((each) => each.topic === topic);
    return { ranges, committed: new Map(committed.map(({ partition, offset }) => [partition, offset])) };
  };

  return {
    publishSome,
    /** Resolves when the group has read all. */
    caughtUp: () =>
      eventually(positions, ({ ranges, committed }) =>
        ranges.every(({ partition, earliest, end }) => earliest === end || committed.get(partition) === end),
      ),
    /** A batch that takes so long; returns when it is in hand. */
    publishBusy: async (ms: number) => {
      const busy = Promise.withResolvers<void>();
      let isFirst = true;
      obstacles.onBatch = async () => {
        if (!isFirst) return;
        isFirst = false;
        busy.resolve();
        await new Promise((resolve) => setTimeout(resolve, ms));
      };
      await publishSome();
      await busy.promise;
    },
    /** The oldest record of a partition is gone. */
    expireOne: async () => {
      const { ranges } = await positions();
      const range = ranges.find(({ earliest, end }) => earliest < end) as (typeof ranges)[number];
      await withAdmin(kafkaBrokers, async (admin) => {
        await admin.fetchTopicOffsets(topic); // else it does not know the leaders
        const partitions = [{ partition: range.partition, offset: String(range.earliest + 1n) }];
        await admin.deleteTopicRecords({ topic, partitions });
      });
    },
    close: async () => {
      reader.close();
      await publisher.close();
    },
  };
};

export type ProjectedTopic = ReturnType<typeof openProjectedTopic>;
