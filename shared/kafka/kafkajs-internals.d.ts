// biome-ignore-all lint/style/noDefaultExport: these are CommonJS modules, which Node imports as their default.
/**
 * The parts below kafkajs's public face that we use: a broker's connection with its framing, correlation ids, TLS, SASL
 * and version negotiation. Its version is pinned in package.json, and patched, so they cannot move under us.
 */
declare module "kafkajs/src/protocol/requests/apiKeys.js" {
  const apiKeys: {
    readonly Produce: 0;
    readonly Fetch: 1;
    readonly ListOffsets: 2;
    readonly Metadata: 3;
    readonly OffsetCommit: 8;
    readonly OffsetFetch: 9;
    readonly GroupCoordinator: 10;
    readonly LeaveGroup: 13;
    readonly DescribeGroups: 15;
    readonly ListGroups: 16;
    readonly DescribeConfigs: 32;
  };
  export default apiKeys;
}

declare module "kafkajs/src/protocol/requests/index.js" {
  /** Writes a request's body; kafkajs puts the header before it. */
  export type Encodable = { readonly buf: Buffer; readonly buffer: Buffer; size(): number };
  export type Exchange = {
    readonly request: {
      readonly apiKey: number;
      readonly apiVersion: number;
      readonly apiName: string;
      encode(): Promise<Encodable>;
    };
    readonly response: { decode(bytes: Buffer): Promise<unknown>; parse(decoded: unknown): Promise<unknown> };
  };
  export type Definition = {
    readonly versions: readonly string[];
    protocol(choice: { version: number }): (parameters: object) => Exchange;
  };
  type Api =
    | "Produce"
    | "Fetch"
    | "ListOffsets"
    | "Metadata"
    | "OffsetCommit"
    | "OffsetFetch"
    | "GroupCoordinator"
    | "LeaveGroup"
    | "DescribeGroups"
    | "ListGroups"
    | "DescribeConfigs";
  const all: { readonly requests: { readonly [name in Api]: Definition } };
  export default all;
}

declare module "kafkajs/src/protocol/error.js" {
  /** An error that a broker named in its answer. */
  export type ProtocolError = Error & { readonly type: string; readonly code: number; readonly retriable: boolean };
  const errors: { createErrorFromCode(code: number): ProtocolError };
  export default errors;
}

declare module "kafkajs/src/protocol/decoder.js" {
  /** Reads the wire's big-endian fields one after the other. */
  class Decoder {
    constructor(bytes: Buffer);
    readInt8(): number;
    readInt16(): number;
    readInt32(): number;
    readInt64(): { toString(): string };
    readString(): string | null;
    readBytes(): Buffer | null;
    readArray<Item>(read: (decoder: Decoder) => Item): Item[];
  }
  export default Decoder;
}

declare module "kafkajs/src/consumer/assignerProtocol.js" {
  const protocol: {
    readonly MemberAssignment: {
      /** `null` for a member that has none yet. */
      decode(bytes: Buffer): { readonly assignment: Readonly<Record<string, readonly number[]>> } | null;
    };
  };
  export default protocol;
}

declare module "kafkajs/src/loggers/index.js" {
  import type { Logger, logCreator, logLevel } from "kafkajs";

  const loggers: {
    createLogger(options: { level: logLevel; logCreator: logCreator }): Logger;
    readonly LEVELS: { readonly WARN: logLevel };
  };
  export default loggers;
}

declare module "kafkajs/src/network/connectionPool.js" {
  import type { ISocketFactory, KafkaConfig, Logger } from "kafkajs";
  import type { Exchange } from "kafkajs/src/protocol/requests/index.js";

  type Connection = {
    readonly requestQueue: { rejectAll(error: Error): void };
    disconnect(): Promise<unknown>;
  };
  class ConnectionPool {
    constructor(options: {
      host: string;
      port: number;
      logger: Logger;
      clientId: string;
      ssl: KafkaConfig["ssl"];
      sasl: KafkaConfig["sasl"];
      socketFactory: ISocketFactory;
      connectionTimeout: number;
      requestTimeout: number;
      enforceRequestTimeout: boolean;
    });
    readonly pool: readonly Connection[];
    /** Connected. There are two: the second is for fetches. */
    getConnection(index?: number): Promise<Connection>;
    send(exchange: Exchange): Promise<unknown>;
  }
  export default ConnectionPool;
}

declare module "kafkajs/src/broker/index.js" {
  import type { Logger } from "kafkajs";
  import type ConnectionPool from "kafkajs/src/network/connectionPool.js";
  import type { Definition, Exchange } from "kafkajs/src/protocol/requests/index.js";

  type FetchedPartition = {
    partition: number;
    highWatermark: string;
    messages: {
      offset: string;
      timestamp: string;
      key: Buffer | null;
      value: Buffer | null;
      /** Those of one name together: an array. */
      headers: Record<string, Buffer | Buffer[]>;
    }[];
  };
  class Broker {
    constructor(options: { connectionPool: ConnectionPool; logger: Logger; allowAutoTopicCreation: boolean });
    readonly connectionPool: ConnectionPool;
    /** The highest version of a request that both sides know. */
    lookupRequest(apiKey: number, definition: Definition): (parameters: object) => Exchange;
    connect(): Promise<void>;
    fetch(request: {
      topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
      maxWaitTime: number;
      minBytes: number;
    }): Promise<{ responses: { topicName: string; partitions: FetchedPartition[] }[] }>;
  }
  export default Broker;
}
