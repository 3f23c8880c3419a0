import Decoder from "kafkajs/src/protocol/decoder.js";
import type { Exchange } from "kafkajs/src/protocol/requests/index.js";
import { SluiceError } from "../messaging/sluice-error.ts";
import { type Cluster, protocolError } from "./cluster.ts";
import { WireWriter } from "./wire-writer.ts";

/**
 * kafkajs knows AlterConfigs alone, which puts all settings that it is not sent back to their
 * defaults. Kafka has this one since 2.3.
 */
const INCREMENTAL_ALTER_CONFIGS = 44;
const TOPIC = 2;
const SET = 0;

type Answer = readonly { readonly errorCode: number; readonly errorMessage: string | null }[];

/** https://kafka.apache.org/protocol#The_Messages_IncrementalAlterConfigs, version 0 */
const exchangeOf = (topic: string, settings: ReadonlyMap<string, string>): Exchange => {
  const body = new WireWriter(1_024);
  body.int32(1);
  body.int8(TOPIC);
  body.string(topic);
  body.int32(settings.size);
  for (const [name, value] of settings) {
    body.string(name);
    body.int8(SET);
    body.string(value);
  }
  body.int8(0); // not for validation only
  const bytes = body.written();
  return {
    request: {
      apiKey: INCREMENTAL_ALTER_CONFIGS,
      apiVersion: 0,
      apiName: "IncrementalAlterConfigs",
      encode: async () => ({ buf: bytes, buffer: bytes, size: () => bytes.length }),
    },
    response: {
      decode: async (answer): Promise<Answer> => {
        const decoder = new Decoder(answer);
        decoder.readInt32(); // throttle time
        return decoder.readArray((each) => {
          const result = { errorCode: each.readInt16(), errorMessage: each.readString() };
          each.readInt8();
          each.readString();
          return result;
        });
      },
      parse: async (answer) => answer,
    },
  };
};

/**
 * Sets these settings of a topic and leaves its others as they are.
 * @throws SluiceError `topic-settings-refused` with the broker's words
 */
export const alterTopicSettings = async (
  cluster: Cluster,
  topic: string,
  settings: ReadonlyMap<string, string>,
): Promise<void> => {
  const refused = (await cluster.exchange<Answer>(exchangeOf(topic, settings))).find(
    ({ errorCode }) => errorCode !== 0,
  );
  if (refused === undefined) return;
  const cause = protocolError(refused.errorCode);
  const names = [...settings.keys()].join(", ");
  throw new SluiceError(
    "topic-settings-refused",
    `topic ${topic}: ${names} cannot be set: ${refused.errorMessage ?? cause.message}`,
    {
      cause,
      canRetry: cause.retriable,
      hint: "does the cluster take these settings? MSK Serverless takes few: TOPIC_DURABILITY",
    },
  );
};
