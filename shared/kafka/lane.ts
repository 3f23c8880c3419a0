import type { OutboundRecord } from "../messaging/record.ts";

const textOf = (key: string | Uint8Array): string => (typeof key === "string" ? key : Buffer.from(key).toString());

/**
 * The records of one `publish` for one partition, in order, and how far they are answered.
 *
 * One batch of a lane is under way at a time: a partition that refuses one batch and takes the next would turn their order.
 */
export class Lane {
  readonly topic: string;
  readonly partition: number;
  /** Where the lane's records stand among those of the call. */
  readonly indexes: number[] = [];
  /** The first, among `indexes`, that is not answered. */
  next = 0;
  /** Where halves of refused batches end, the nearest last. */
  private readonly cuts: number[] = [];
  private readonly withheld = new Set<string>();

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  get isDone(): boolean {
    return this.next >= this.indexes.length;
  }

  /** The first `count` from `next` on have been answered. */
  advance(count: number): void {
    this.next += count;
    while (this.cuts.length > 0 && (this.cuts.at(-1) as number) <= this.next) this.cuts.pop();
  }

  /** The first `count` (2 or more) from `next` on were refused together: they go on as two halves, in order. */
  halve(count: number): void {
    this.cuts.push(this.next + Math.ceil(count / 2));
  }

  /** Nothing more of this key may be sent in this call: what follows a record that is set aside would overtake it. */
  withhold(key: OutboundRecord["key"]): void {
    if (key !== null) this.withheld.add(textOf(key));
  }

  /** Where the next batch must end; `next` itself when the very next record is withheld. */
  end(records: readonly OutboundRecord[]): number {
    const end = this.cuts.at(-1) ?? this.indexes.length;
    if (this.withheld.size === 0) return end;
    for (let at = this.next; at < end; at++) {
      const key = records[this.indexes[at] as number]?.key ?? null;
      if (key !== null && this.withheld.has(textOf(key))) return at;
    }
    return end;
  }
}
