import type { ClusterReader } from "../messaging/cluster-reader.ts";
import { type ClusterCallOptions, clusterCalls } from "./cluster-calls.ts";
import { fetchRecords } from "./fetch-records.ts";
import { describeGroup, listGroups } from "./groups.ts";
import { metadata } from "./metadata.ts";
import { committedOffsets, listOffsets } from "./offsets.ts";
import { readTimestamps } from "./timestamps.ts";
import { topicSettings } from "./topic-settings.ts";

/** Looks at a cluster by raw requests. */
export const kafkaClusterReader = (options: ClusterCallOptions): ClusterReader => {
  const { call, close } = clusterCalls(options);
  return {
    groups: () => call(listGroups),
    describeGroups: (groups) => call((it) => Promise.all(groups.map((group) => describeGroup(it, group)))),
    committed: (group) => call((it) => committedOffsets(it, group)),
    ranges: (partitions) => call((it) => listOffsets(it, partitions)),
    timestamps: (positions) => call((it) => readTimestamps(it, positions)),
    records: (from, maxBytes) => call((it) => fetchRecords(it, from, maxBytes)),
    topics: () => call(async (it) => (await metadata(it)).topics),
    settings: (topics) => call((it) => topicSettings(it, topics)),
    close,
  };
};
