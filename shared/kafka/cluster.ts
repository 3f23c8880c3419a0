import type Broker from "kafkajs/src/broker/index.js";
import protocolErrors, { type ProtocolError } from "kafkajs/src/protocol/error.js";
import apiKeys from "kafkajs/src/protocol/requests/apiKeys.js";
import api, { type Exchange } from "kafkajs/src/protocol/requests/index.js";
import type { BrokerAddress } from "../messaging/cluster-reader.ts";
import type { BrokerConnections } from "./broker-connections.ts";

type Api = keyof typeof apiKeys;

/** One request, as kafkajs encodes it, and its answer as the broker gave it: error codes are the asker's to judge. */
export type Cluster = {
  /**
   * Asks a broker, with no retries; any of them unless one is named.
   * @param parameters kafkajs's, `{ groupIds }` for instance
   */
  ask<Answer>(name: Api, parameters: object, broker?: BrokerAddress): Promise<Answer>;
  /**
   * Sends an exchange that the caller has made, where kafkajs does not have the request, or does
   * not decode the answer as it is needed.
   */
  exchange<Answer>(exchange: Exchange, broker?: BrokerAddress): Promise<Answer>;
  close(): void;
};

/** An error that a broker's answer names. Whether asking again may help, it knows. */
export const protocolError = (code: number): ProtocolError => protocolErrors.createErrorFromCode(code);

/** kafkajs's classes cannot be imported by name from an ES module. */
export const isProtocolError = (fault: unknown): fault is ProtocolError =>
  fault instanceof Error && fault.name === "KafkaJSProtocolError";

/** @throws what the code says, unless it says that all is well */
export const check = (code: number): void => {
  if (code !== 0) throw protocolError(code);
};

/**
 * A cluster without kafkajs's client, which keeps trying for minutes, joins a group to set its offsets and turns
 * "no such time" into "the end": here a request is one request. Connects when first asked.
 */
export const cluster = (connections: BrokerConnections): Cluster => {
  const opened = new Map<string, Promise<Broker>>();

  const brokerAt = (address: BrokerAddress | undefined): Promise<Broker> => {
    const key = address === undefined ? "any" : `${address.host}:${address.port}`;
    const found = opened.get(key);
    if (found !== undefined) return found;
    const opening = address === undefined ? connections.openAny() : connections.open(address.host, address.port);
    opened.set(key, opening);
    return opening;
  };

  const send = async (broker: Broker, { request, response }: Exchange): Promise<unknown> =>
    broker.connectionPool.send({ request, response: { decode: response.decode, parse: async (answer) => answer } });

  return {
    ask: async <Answer>(name: Api, parameters: object, address?: BrokerAddress) => {
      const broker = await brokerAt(address);
      return (await send(broker, broker.lookupRequest(apiKeys[name], api.requests[name])(parameters))) as Answer;
    },
    exchange: async <Answer>(exchange: Exchange, address?: BrokerAddress) =>
      (await send(await brokerAt(address), exchange)) as Answer,
    close: connections.close,
  };
};
