import type { Socket } from "node:net";
import type { ISocketFactory } from "kafkajs";
import Broker from "kafkajs/src/broker/index.js";
import loggers from "kafkajs/src/loggers/index.js";
import ConnectionPool from "kafkajs/src/network/connectionPool.js";
import { SluiceError } from "../messaging/sluice-error.ts";
import { bootstrapOf } from "./bootstrap-brokers.ts";
import { DEFAULT_CONNECTION_TIMEOUT_MS, type KafkaConnection, logTo, openSocket } from "./connect.ts";
import { toConnectionFault } from "./connection-fault.ts";

/** Connections to brokers that can be dropped together, at once. */
export type BrokerConnections = {
  /** Connects, agrees on versions and authenticates. */
  open(host: string, port: number): Promise<Broker>;
  /** The first of the configured brokers that can be reached. Throws `broker-unavailable`, and at once what no other would answer. */
  openAny(): Promise<Broker>;
  /** Rejects what is unanswered and destroys every socket, one in its handshake too. Nothing can be opened afterwards. */
  close(): void;
};

const closed = (): SluiceError => new SluiceError("session-closed", "the connections were closed", { canRetry: true });

/** kafkajs opens a socket for each request that comes while a connection is being made, and then uses but the last of them. */
const connectingOnce = (pool: ConnectionPool): ConnectionPool => {
  const connecting = new Map<number, ReturnType<ConnectionPool["getConnection"]>>();
  const connect = pool.getConnection.bind(pool);
  pool.getConnection = (index = 0) => {
    const under = connecting.get(index) ?? connect(index).finally(() => connecting.delete(index));
    connecting.set(index, under);
    return under;
  };
  return pool;
};

export const brokerConnections = (connection: KafkaConnection, requestTimeoutMs: number): BrokerConnections => {
  const bootstrap = bootstrapOf(connection.brokers);
  const sockets = new Set<Socket>();
  const pools = new Set<ConnectionPool>();
  let isClosed = false;

  const logger = loggers.createLogger({
    level: loggers.LEVELS.WARN,
    logCreator: (level) => {
      const pass = logTo(connection.log)(level);
      return (entry) => (isClosed ? undefined : pass(entry)); // that closed sockets are closed is no news
    },
  });

  const socketFactory: ISocketFactory = (address) => {
    const socket = openSocket(address);
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    return socket;
  };

  const open = async (host: string, port: number): Promise<Broker> => {
    if (isClosed) throw closed();
    const connectionPool = connectingOnce(
      new ConnectionPool({
        host,
        port,
        logger,
        clientId: connection.clientId,
        ssl: connection.ssl,
        sasl: connection.sasl,
        socketFactory,
        connectionTimeout: connection.connectionTimeoutMs ?? DEFAULT_CONNECTION_TIMEOUT_MS,
        requestTimeout: requestTimeoutMs,
        enforceRequestTimeout: false, // it polls each connection ten times a second; the publisher has its own deadline
      }),
    );
    pools.add(connectionPool);
    const broker = new Broker({ connectionPool, logger, allowAutoTopicCreation: false });
    await broker.connect().catch((fault: unknown) => {
      throw toConnectionFault(fault, `${host}:${port}`);
    });
    return broker;
  };

  return {
    open,

    openAny: async () => {
      const faults: unknown[] = [];
      for (const address of await bootstrap.get()) {
        const colon = address.lastIndexOf(":");
        try {
          return await open(address.slice(0, colon), Number(address.slice(colon + 1)));
        } catch (fault) {
          if (fault instanceof SluiceError && !fault.canRetry) throw fault;
          faults.push(fault);
        }
      }
      bootstrap.forget();
      throw new SluiceError("broker-unavailable", `none of the brokers ${bootstrap.name} can be reached`, {
        canRetry: true,
        cause: faults.length === 1 ? faults[0] : new AggregateError(faults),
      });
    },

    close: () => {
      if (isClosed) return;
      isClosed = true;
      const fault = closed();
      for (const { pool } of pools) {
        for (const each of pool) {
          each.requestQueue.rejectAll(fault); // first: `disconnect` waits until nothing is pending
          void each.disconnect();
        }
      }
      for (const socket of sockets) socket.destroy(fault);
    },
  };
};
