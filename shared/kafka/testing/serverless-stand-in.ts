import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import Decoder from "kafkajs/src/protocol/decoder.js";
import { WireWriter } from "../wire-writer.ts";

/**
 * Settings that MSK Serverless changes:
 * https://docs.aws.amazon.com/msk/latest/developerguide/serverless-config.html
 */
const permitted = new Set([
  "compression.type",
  "max.message.bytes",
  "message.timestamp.difference.max.ms",
  "message.timestamp.type",
  "retention.bytes",
  "retention.ms",
]);

const INCREMENTAL_ALTER_CONFIGS = 44;
const INVALID_CONFIG = 40;

type Altering = { readonly correlation: number; readonly topic: string; readonly settings: Record<string, string> };

/** A request to alter settings; undefined for any other request. */
const alteringOf = (frame: Buffer): Altering | undefined => {
  if (frame.readInt16BE(4) !== INCREMENTAL_ALTER_CONFIGS) return undefined;
  const decoder = new Decoder(frame.subarray(8));
  const correlation = decoder.readInt32();
  decoder.readString(); // the client
  const [resource] = decoder.readArray((each) => {
    each.readInt8();
    const topic = each.readString() ?? "";
    const settings = each.readArray((entry) => {
      const name = entry.readString() ?? "";
      entry.readInt8();
      return [name, entry.readString() ?? ""] as const;
    });
    return { topic, settings: Object.fromEntries(settings) };
  });
  return resource && { correlation, ...resource };
};

const refusal = ({ correlation, topic }: Altering, name: string): Buffer => {
  const answer = new WireWriter(1_024);
  answer.int32(correlation);
  answer.int32(0);
  answer.int32(1);
  answer.int16(INVALID_CONFIG);
  answer.string(`${name} is not permitted`);
  answer.int8(2);
  answer.string(topic);
  const body = answer.written();
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
};

/** Cuts a stream into requests, each with its length before it. */
const framesOf = (socket: Socket, onFrame: (frame: Buffer) => void): void => {
  let rest = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      onFrame(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  });
};

/**
 * A real broker behind an address that refuses, as MSK Serverless does, to alter the settings of a
 * topic that are not the topic's there. `altered` has what it was asked to alter.
 */
export const startServerlessStandIn = async (
  brokers: string,
): Promise<AsyncDisposable & { readonly address: string; readonly altered: readonly Record<string, string>[] }> => {
  const [host, port] = brokers.split(",")[0]?.split(":") ?? [];
  const altered: Record<string, string>[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    const broker = connect({ host, port: Number(port) }).on("error", () => {});
    socket.once("close", () => broker.destroy());
    broker.pipe(socket);
    framesOf(socket, (frame) => {
      const altering = alteringOf(frame);
      if (altering !== undefined) altered.push(altering.settings);
      const wrong = Object.keys(altering?.settings ?? {}).find((name) => !permitted.has(name));
      if (altering !== undefined && wrong !== undefined) socket.write(refusal(altering, wrong));
      else broker.write(frame);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    altered,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};
