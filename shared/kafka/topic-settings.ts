import type { TopicSettings } from "../messaging/cluster-reader.ts";
import { type Cluster, check } from "./cluster.ts";

type Answer = {
  readonly resources: readonly {
    readonly errorCode: number;
    readonly resourceName: string;
    readonly configEntries: readonly { readonly configName: string; readonly configValue: string | null }[];
  }[];
};

const TOPIC = 2;

/** What holds for each topic: its own settings, and the brokers' where it has none. */
export const topicSettings = async (cluster: Cluster, topics: readonly string[]): Promise<readonly TopicSettings[]> => {
  const resources = topics.map((name) => ({ type: TOPIC, name, configNames: [] }));
  const answer = await cluster.ask<Answer>("DescribeConfigs", { resources, includeSynonyms: false });
  const found = new Map<string, TopicSettings>();
  for (const { errorCode, resourceName, configEntries } of answer.resources) {
    check(errorCode);
    found.set(
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue ?? ""])),
    );
  }
  return topics.map((topic) => found.get(topic) ?? new Map());
};
