import type { Clock } from "../messaging/clock.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import type { BrokerSession } from "./broker-session.ts";
import type { Lane } from "./lane.ts";
import { type ProduceLimits, writeProduceRequest } from "./produce-request.ts";
import type { PublishCall } from "./publish-call.ts";
import { settle } from "./settle.ts";
import { WireWriter } from "./wire-writer.ts";

/** A broker hangs up on a request beyond its `socket.request.max.bytes`, 100 MiB by default: that would pass for an outage. */
const LARGEST_BATCH_BYTES = 100 * 1024 * 1024 - 65_536;
/** Writers are kept for the next request unless a giant record has grown them. */
const LARGEST_KEPT_WRITER = 32 * 1024 * 1024;

export const sendFault = (code: string, message: string, cause?: unknown): SluiceError =>
  new SluiceError(code, message, { canRetry: true, cause });

/** What a connection's failure is called: its own name when it is ours. */
export const unavailable = (cause: unknown): SluiceError =>
  cause instanceof SluiceError ? cause : sendFault("broker-unavailable", `the send failed: ${String(cause)}`, cause);

const failRest = (call: PublishCall, lane: Lane, error: Error): void => {
  if (!lane.isDone) call.fail(lane, lane.indexes.length - lane.next, error);
};

/** Fails what stands behind a record of its own key that is too large; answers the lanes with something left to send. */
const sendable = (call: PublishCall, lanes: readonly Lane[]): readonly Lane[] =>
  lanes.filter((lane) => {
    if (lane.isDone) return false;
    if (lane.end(call.records) > lane.next) return true;
    failRest(call, lane, sendFault("behind-too-large", "not sent: a record of its key before it is too large"));
    return false;
  });

/**
 * Sends the records of a call to the leaders of their partitions, side by side, and gives each its outcome.
 * The sender answers whether every part was taken or too large, so whether the session may be used again; it throws
 * when there is no broker to ask for the leaders.
 */
export const sender = (limits: ProduceLimits & { readonly timeoutMs: number }, clock: Clock) => {
  const writers: WireWriter[] = [];
  let spread = 0;

  /** A leader's lanes, a request at a time, until each record has its outcome. */
  const drain = async (session: BrokerSession, call: PublishCall, nodeId: number, all: readonly Lane[]) => {
    const writer = writers.pop() ?? new WireWriter();
    let isSound = true;
    for (let lanes = sendable(call, all); lanes.length > 0 && !call.isAnswered; lanes = sendable(call, lanes)) {
      writer.reset();
      const parts = writeProduceRequest(writer, call.records, lanes, { ...limits, timestamp: clock() });
      const giant = parts.find(({ bytes }) => bytes > LARGEST_BATCH_BYTES);
      if (giant) call.setAside(giant.lane, `a batch of ${giant.bytes} bytes is more than a broker reads`);
      else isSound = settle(call, parts, await session.produce(nodeId, writer)) && isSound;
    }
    if (writer.capacity <= LARGEST_KEPT_WRITER) writers.push(writer);
    return isSound;
  };

  return async (session: BrokerSession, call: PublishCall): Promise<boolean> => {
    const leaders = await session.leaders(call.topics());
    const lanes = call.lanes(leaders, spread++);
    const byLeader = Map.groupBy(lanes, ({ topic, partition }) => (leaders.get(topic) as readonly number[])[partition]);
    const sound = await Promise.all(
      [...byLeader].map(async ([nodeId = -1, ofLeader]) => {
        try {
          if (nodeId < 0) throw sendFault("no-leader", "the partition has no leader just now");
          return await drain(session, call, nodeId, ofLeader);
        } catch (cause) {
          for (const lane of ofLeader) failRest(call, lane, unavailable(cause));
          return false;
        }
      }),
    );
    return sound.every(Boolean);
  };
};
