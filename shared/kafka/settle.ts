import protocolErrors from "kafkajs/src/protocol/error.js";
import { SluiceError } from "../messaging/sluice-error.ts";
import type { ProduceAnswer } from "./broker-session.ts";
import type { Part } from "./produce-request.ts";
import type { PublishCall } from "./publish-call.ts";

const MESSAGE_TOO_LARGE = 10;
const RECORD_LIST_TOO_LARGE = 18;

/**
 * Gives the records of one request their outcomes by the broker's answer. Only what the answer names, without an error
 * and with an offset, is acknowledged. A batch that is too large is halved until the record that is too large stands alone.
 * @returns whether each part was either taken or too large; when not, the leaders may have moved.
 */
export const settle = (call: PublishCall, parts: readonly Part[], answer: ProduceAnswer): boolean => {
  let isSound = true;
  for (const { lane, count, bytes } of parts) {
    const ofTopic = answer.topics.find(({ topicName }) => topicName === lane.topic);
    const found = ofTopic?.partitions.find(({ partition }) => partition === lane.partition);
    if (found?.errorCode === MESSAGE_TOO_LARGE || found?.errorCode === RECORD_LIST_TOO_LARGE) {
      if (count > 1) lane.halve(count);
      else call.setAside(lane, `the broker refuses a batch of ${bytes} bytes with this record alone`);
    } else if (found?.errorCode === 0 && BigInt(found.baseOffset) >= 0n) {
      call.acknowledge(lane, count, BigInt(found.baseOffset));
    } else {
      const where = `${lane.topic}-${lane.partition}`;
      const cause = found?.errorCode ? protocolErrors.createErrorFromCode(found.errorCode) : undefined;
      const message = cause ? `${where}: ${cause.message}` : `the broker's answer does not acknowledge ${where}`;
      call.fail(lane, count, new SluiceError("not-acknowledged", message, { canRetry: true, cause }));
      isSound = false;
    }
  }
  return isSound;
};
