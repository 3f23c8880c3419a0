import type { TopicDurability } from "../../shared/kafka/topics.ts";
import type { ProvisionConfig } from "./config.ts";

/** What `TOPIC_DURABILITY` stands for. */
export const durabilities: Readonly<Record<ProvisionConfig["TOPIC_DURABILITY"], TopicDurability>> = {
  single: { replicationFactor: 1, minInsyncReplicas: 1 },
  replicated: { replicationFactor: 3, minInsyncReplicas: 2 },
  "of-the-cluster": { replicationFactor: 3 },
};
