import type { OutboundRecord } from "../messaging/record.ts";
import type { SendOutcome } from "../messaging/record-publisher.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import { Lane } from "./lane.ts";
import { partitionOf } from "./partitioner.ts";

/** One `publish`: its records, sorted into lanes, and the outcome of each, which is given once and never changed. */
export class PublishCall {
  readonly records: readonly OutboundRecord[];
  private readonly outcomes: (SendOutcome | undefined)[];
  private unanswered: number;

  constructor(records: readonly OutboundRecord[]) {
    this.records = records;
    this.outcomes = new Array(records.length).fill(undefined);
    this.unanswered = records.length;
  }

  get isAnswered(): boolean {
    return this.unanswered === 0;
  }

  topics(): readonly string[] {
    return [...new Set(this.records.map((record) => record.topic))];
  }

  answer(index: number, outcome: SendOutcome): void {
    if (this.outcomes[index] !== undefined) return;
    this.outcomes[index] = outcome;
    this.unanswered--;
  }

  /** Fails what is left, and answers all outcomes. What is heard afterwards changes nothing. */
  finish(fault: Error): readonly SendOutcome[] {
    if (!this.isAnswered) {
      const failed: SendOutcome = { status: "failed", error: fault };
      for (let i = 0; i < this.records.length; i++) this.answer(i, failed);
    }
    return this.outcomes as SendOutcome[];
  }

  /** The next `count` of a lane are in the log, from `baseOffset` on. */
  acknowledge(lane: Lane, count: number, baseOffset: bigint): void {
    for (let i = 0; i < count; i++) {
      this.answer(lane.indexes[lane.next + i] as number, {
        status: "acknowledged",
        partition: lane.partition,
        offset: baseOffset + BigInt(i),
      });
    }
    lane.advance(count);
  }

  /** The lane's next record is refused for its size alone. What has another key goes on. */
  setAside(lane: Lane, reason: string): void {
    const index = lane.indexes[lane.next] as number;
    this.answer(index, { status: "too-large", reason });
    lane.withhold((this.records[index] as OutboundRecord).key);
    lane.advance(1);
  }

  /** The next `count` of a lane failed; those behind them are not sent, for they would overtake them. */
  fail(lane: Lane, count: number, error: Error): void {
    const failed: SendOutcome = { status: "failed", error };
    for (let i = lane.next; i < lane.next + count; i++) this.answer(lane.indexes[i] as number, failed);
    lane.advance(count);
    if (lane.isDone) return;
    const behind = new SluiceError(
      "behind-failed",
      `not sent: a record before it for ${lane.topic}-${lane.partition} failed`,
      { canRetry: true, cause: error },
    );
    const skipped: SendOutcome = { status: "failed", error: behind };
    for (let i = lane.next; i < lane.indexes.length; i++) this.answer(lane.indexes[i] as number, skipped);
    lane.advance(lane.indexes.length - lane.next);
  }

  /**
   * Sorts the records of the topics that have partitions into lanes; the records of the others fail.
   * @param spread decides the partition of records without a key: any, but one for all of a call makes the fewest batches.
   */
  lanes(leaders: ReadonlyMap<string, readonly number[] | SluiceError>, spread: number): readonly Lane[] {
    const lanes: Lane[] = [];
    const byTopic = new Map<string, (Lane | undefined)[]>();
    for (let index = 0; index < this.records.length; index++) {
      const { topic, key } = this.records[index] as OutboundRecord;
      const partitions = leaders.get(topic) as readonly number[] | SluiceError;
      if (partitions instanceof SluiceError) {
        this.answer(index, { status: "failed", error: partitions });
        continue;
      }
      let ofTopic = byTopic.get(topic);
      if (!ofTopic) {
        ofTopic = new Array(partitions.length).fill(undefined);
        byTopic.set(topic, ofTopic);
      }
      const partition = key === null ? spread % partitions.length : partitionOf(key, partitions.length);
      let lane = ofTopic[partition];
      if (!lane) {
        lane = new Lane(topic, partition);
        ofTopic[partition] = lane;
        lanes.push(lane);
      }
      lane.indexes.push(index);
    }
    return lanes;
  }
}
