import { connect as connectTcp, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ISocketFactory, KafkaConfig, logCreator } from "kafkajs";
import type { Log } from "../observability/logger.ts";
import type { BootstrapBrokers } from "./bootstrap-brokers.ts";

/** Where a cluster is. */
export type KafkaAddress = {
  /** `host:port` of some of the brokers, or who knows them. */
  readonly brokers: readonly string[] | BootstrapBrokers;
  /** `true`, or TLS options. */
  readonly ssl?: KafkaConfig["ssl"];
};

/** How to reach a cluster. By a function's settings: `kafkaConnection`. */
export type KafkaConnection = KafkaAddress & {
  /** Names this client in the broker's logs and quotas. */
  readonly clientId: string;
  /** With tokens: `bearerSasl`. With passwords: kafkajs's `plain` or `scram-sha-512`. */
  readonly sasl?: KafkaConfig["sasl"];
  /** Milliseconds for the TCP and TLS handshake; 3,000 unless said. */
  readonly connectionTimeoutMs?: number;
  /** Hears kafkajs's warnings and errors. */
  readonly log: Log;
};

export const DEFAULT_CONNECTION_TIMEOUT_MS = 3_000;

const KEEP_ALIVE_MS = 60_000;

/**
 * kafkajs's own, without Nagle's delay: it would hold back the end of a request while the one before is unanswered,
 * up to the 40 ms of a delayed TCP acknowledgement.
 */
export const openSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const socket = ssl
    ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...ssl }, onConnect)
    : connectTcp({ host, port }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setNoDelay(true);
  return socket;
};

/**
 * Passes kafkajs's log lines on. Its errors become warnings: a broker that is away is expected, and whoever asked
 * for something hears of it as an outcome or an error of their own.
 */
export const logTo =
  (log: Log): logCreator =>
  () =>
  ({ namespace, log: { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } }) =>
    log.warn(`kafkajs: ${message}`, { kafkajs_part: namespace, ...fields });
