import { findActiveReplay } from "../dead-letters/find-active-replay.ts";
import { openLetters } from "../dead-letters/open-letters.ts";
import { listOpenRebuilds } from "../rebuild/progress.ts";
import { leftOf } from "../rewind/left-of.ts";
import { listOpenRuns } from "../rewind/list-open-runs.ts";
import { byPartition, partitionName } from "../rewind/partition-name.ts";
import type { RewindRun } from "../rewind/rewind-run.ts";
import { gauge, type Sample, sample } from "./family.ts";
import type { MetricSource, SourcePorts } from "./source.ts";

/** Messages between where a rewind has set the group and where it had been. */
const lengthOf = ({ targets, goal = [] }: RewindRun): bigint => {
  const starts = byPartition(targets);
  return goal.reduce((sum, { offset, ...at }) => {
    const start = starts.get(partitionName(at))?.offset ?? offset;
    return start < offset ? sum + offset - start : sum;
  }, 0n);
};

const rewindRatio = async ({ reader }: SourcePorts, run: RewindRun): Promise<number> => {
  if (run.step !== "follow") return run.step === "finish" ? 1 : 0;
  const [length, left] = [lengthOf(run), await leftOf({ reader }, run)];
  return length === 0n ? 1 : Math.max(0, 1 - Number(left) / Number(length));
};

const rewinds = async (ports: SourcePorts): Promise<readonly Sample[]> =>
  Promise.all(
    (await listOpenRuns(ports.db)).map(async (run) =>
      sample(await rewindRatio(ports, run), { job: "rewind", target: run.groupId }),
    ),
  );

/** Of what the run has sent and what is still open. With a filter or `--max` it ends before 1. */
const replays = async (ports: SourcePorts): Promise<readonly Sample[]> => {
  const topics = ports.registry.groups.map(({ deadLetterTopic }) => deadLetterTopic);
  const found = await Promise.all(
    topics.map(async (topic) => {
      const sent = await findActiveReplay(ports.db, topic);
      if (sent === undefined) return [];
      const { open } = await openLetters(ports, topic);
      return [sample(sent / Math.max(1, sent + open), { job: "dlq-replay", target: topic })];
    }),
  );
  return found.flat();
};

/** Those that are at a step: not one that waits for its swap. */
const rebuilds = async ({ db, clock }: SourcePorts): Promise<readonly Sample[]> =>
  (await listOpenRebuilds(db, clock()))
    .filter(({ step }) => step !== undefined)
    .map(({ projection, ratio }) => sample(ratio, { job: "rebuild", target: projection }));

/** How far long work has come. A job that is not under way has no series. */
export const jobsSource: MetricSource = {
  name: "jobs",
  read: async (ports) => [
    gauge("job_progress_ratio", "How far a rewind, a rebuild or a replay of dead letters has come, from 0 to 1", [
      ...(await rewinds(ports)),
      ...(await rebuilds(ports)),
      ...(await replays(ports)),
    ]),
  ],
};
