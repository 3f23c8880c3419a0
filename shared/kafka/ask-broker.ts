import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { SluiceError } from "../messaging/sluice-error.ts";
import { bootstrapOf } from "./bootstrap-brokers.ts";
import type { KafkaAddress } from "./connect.ts";

/** ApiVersions, version 0, correlation id 1, no client id: the one request that a broker answers before authentication. */
const request = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 255, 255]);
const sizeBytes = 4;
const headBytes = 10;

const unavailable = (broker: string, cause?: unknown): SluiceError =>
  new SluiceError("broker-unavailable", `${broker} does not answer`, { canRetry: true, cause });

/** TLS names hosts, not addresses. */
const named = (host: string) => (isIP(host) ? {} : { servername: host });

const open = (broker: string, ssl: KafkaAddress["ssl"], onConnect: () => void): Socket => {
  const at = broker.lastIndexOf(":");
  const address = { host: broker.slice(0, at), port: Number(broker.slice(at + 1)) };
  if (!ssl) return connectTcp(address, onConnect);
  return connectTls({ ...address, ...named(address.host), ...(ssl === true ? {} : ssl) }, onConnect);
};

const ask = async (broker: string, ssl: KafkaAddress["ssl"], timeoutMs: number): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = open(broker, ssl, () => socket.write(request));
  let answer = Buffer.alloc(0);
  socket.setTimeout(timeoutMs, () => reject(unavailable(broker)));
  socket.on("error", (cause) => reject(unavailable(broker, cause)));
  socket.on("close", () => reject(unavailable(broker)));
  socket.on("data", (chunk) => {
    answer = Buffer.concat([answer, chunk]);
    if (answer.length < headBytes) return;
    const good = answer.readInt32BE(sizeBytes) === 1 && answer.readInt16BE(2 * sizeBytes) === 0;
    if (good) resolve();
    else reject(unavailable(broker));
  });
  try {
    await promise;
  } finally {
    socket.destroy();
  }
};

/**
 * Asks the brokers for their versions and resolves when the first one answers: for a health check, without a client.
 * It shows that a broker is there and speaks Kafka, not that it would let us in.
 * @throws SluiceError `broker-unavailable` when none answers in time
 */
export const askAnyBroker = async (address: KafkaAddress, { timeoutMs }: { readonly timeoutMs: number }) => {
  const bootstrap = bootstrapOf(address.brokers);
  const brokers = await bootstrap.get();
  try {
    await Promise.any(brokers.map((broker) => ask(broker, address.ssl, timeoutMs)));
  } catch (cause) {
    bootstrap.forget();
    throw unavailable(bootstrap.name, cause);
  }
};
