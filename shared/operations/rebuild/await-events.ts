import type { Position } from "../../messaging/cluster-reader.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { pendingBefore } from "../../outbox/pending-before.ts";
import { listPauses } from "../pauses/list-pauses.ts";
import { byPartition, partitionName } from "../rewind/partition-name.ts";
import type { Perform, StepContext, StepResult } from "./rebuild-parts.ts";

const LOOK_MS = 100;

/** How much is left, and something that changes whenever it gets on. */
type Sight = { readonly left: bigint; readonly mark: string };

/** Looks until nothing is left. When nothing gets on, says why, and leaves the rest to another call instead of waiting for ever. */
const untilNothingIsLeft = async (
  context: StepContext,
  look: () => Promise<Sight>,
  stalled: (left: bigint) => Promise<string>,
): Promise<boolean> => {
  const { clock, lost, isOver, pause, stallMs } = context;
  for (let [mark, since] = ["", clock()]; ; await pause(LOOK_MS)) {
    lost.throwIfAborted();
    const sight = await look();
    if (sight.left === 0n) return true;
    if (isOver()) return false;
    if (sight.mark !== mark) [mark, since] = [sight.mark, clock()];
    if (clock() - since < stallMs) continue;
    const note = await stalled(sight.left);
    context.log(note);
    await context.note({ note });
    return false;
  }
};

const endsOf = async ({ reader, group }: StepContext): Promise<readonly Position[]> => {
  const topics = (await reader.topics()).filter(({ topic }) => group.topics.includes(topic));
  const partitions = topics.flatMap(({ topic, partitions: all }) => all.map(({ partition }) => ({ topic, partition })));
  const ranges = await reader.ranges(partitions);
  if (topics.length < group.topics.length || ranges.length < partitions.length)
    throw new SluiceError("partition-offline", `not every partition of ${group.topics.join(", ")} has a leader`, {
      canRetry: true,
      hint: "`sluice topics describe` tells which",
    });
  return ranges.map(({ topic, partition, end }) => ({ topic, partition, offset: end }));
};

/**
 * What was in the outbox when the load was done has to be sent; then the ends of the logs are noted. Rows that are parked, and those behind
 * them, are not waited for: nobody knows when they go on, and what they tell of was loaded.
 */
export const awaitOutbox: Perform = async (context, { outboxGoal }): Promise<StepResult> => {
  const { db, group, log } = context;
  let parked = 0;
  const look = async (): Promise<Sight> => {
    if (outboxGoal === undefined) return { left: 0n, mark: "" };
    const before = await pendingBefore(db, group.topics, outboxGoal);
    parked = before.parked;
    return { left: BigInt(before.pending), mark: `${before.pending} ${before.oldest}` };
  };
  const stalled = async (left: bigint): Promise<string> => {
    const paused = (await listPauses(db)).map((each) => `${each.function} is paused by ${each.actor}`);
    const why = paused.length > 0 ? paused.join(", ") : "is the publisher running?";
    return `${left} rows wait in the outbox and none is sent: ${why}`;
  };
  if (!(await untilNothingIsLeft(context, look, stalled))) return { kind: "left" };
  if (parked > 0) log(`${parked} rows of the outbox are parked: they, and those behind them, are not waited for`);
  return { kind: "done", changes: { goal: await endsOf(context) } };
};

/** Messages up to the ends that were noted. What has expired, or is in a topic that was made anew, will not be read by anybody. */
const leftToRead = async ({ reader, group }: StepContext, goal: readonly Position[]): Promise<Sight> => {
  const [ranges, positions] = await Promise.all([reader.ranges(goal), reader.committed(group.groupId)]);
  const [logs, committed] = [byPartition(ranges), byPartition(positions)];
  const lefts = goal.map((each) => {
    const log = logs.get(partitionName(each));
    const end = log === undefined || log.end > each.offset ? each.offset : log.end;
    const earliest = log?.earliest ?? 0n;
    const from = committed.get(partitionName(each))?.offset ?? earliest;
    const at = from > earliest ? from : earliest;
    return at < end ? end - at : 0n;
  });
  const left = lefts.reduce((sum, each) => sum + each, 0n);
  return { left, mark: String(left) };
};

/** The group has to pass the ends that were noted: what it reads now goes to the new targets, and before long they miss nothing. */
export const awaitGroup: Perform = async (context, { goal = [] }): Promise<StepResult> => {
  const { group, mapping } = context;
  const stalled = async (left: bigint): Promise<string> => {
    const reads = await mapping.isReading(group.functionName);
    const why = reads
      ? "it reads and does not get on; its log tells why"
      : "nothing reads now: the mapping is disabled or paused, or no host runs";
    return `${group.groupId} has ${left} messages to read: ${why}`;
  };
  const isThere = await untilNothingIsLeft(context, () => leftToRead(context, goal), stalled);
  return isThere ? { kind: "done" } : { kind: "left" };
};
