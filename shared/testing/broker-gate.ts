import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** An address of its own before a broker, behind which it goes away and comes back. What the broker names of itself leads past it. */
export type BrokerGate = AsyncDisposable & {
  readonly address: string;
  open(): void;
  /** Ends what is connected, and lets nobody through. */
  shut(): void;
};

/** Shut at first. */
export const startBrokerGate = async (brokers: string): Promise<BrokerGate> => {
  let isOpen = false;
  const [host, port] = brokers.split(",")[0]?.split(":") ?? [];
  const through = new Set<Socket>();
  const gate = createServer((socket) => {
    socket.on("error", () => {});
    if (!isOpen) return socket.destroy();
    through.add(socket.once("close", () => through.delete(socket)));
    const broker = connect({ host, port: Number(port) }).on("error", () => {});
    socket.once("close", () => broker.destroy());
    return socket.pipe(broker).pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(gate, "listening");
  const shut = () => {
    isOpen = false;
    for (const socket of through) socket.destroy();
  };
  return {
    address: `127.0.0.1:${(gate.address() as AddressInfo).port}`,
    open: () => {
      isOpen = true;
    },
    shut,
    [Symbol.asyncDispose]: async () => {
      shut();
      gate.close();
    },
  };
};
