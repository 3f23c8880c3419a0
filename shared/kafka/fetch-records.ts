import type { Position, RecordPage } from "../messaging/cluster-reader.ts";
import { type Cluster, protocolError } from "./cluster.ts";
import { decodeBatches } from "./decode-batches.ts";
import { fetchBatches } from "./fetch-batches.ts";
import { byLeader } from "./metadata.ts";

const LEADER_NOT_AVAILABLE = 5;

/** The records of one partition from an offset on; nothing when the offset is not in its log. Joins no group. */
export const fetchRecords = async (
  cluster: Cluster,
  position: Position,
  maxBytes: number,
): Promise<RecordPage | undefined> => {
  const [leader] = (await byLeader(cluster, [position])).keys();
  if (leader === undefined) throw protocolError(LEADER_NOT_AVAILABLE);
  const batches = await fetchBatches(cluster, leader, position, maxBytes);
  return batches === undefined ? undefined : decodeBatches(batches, position);
};
