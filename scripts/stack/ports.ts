import { connect, createServer } from "node:net";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { portHolder } from "./port-holder.ts";

const host = "127.0.0.1";

const tryListen = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address?.port : undefined));
    });
  });

/** True when something accepts connections there. */
export const answers = (port: number, on: string = host): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: on, port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => end(false));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });

/** A server that listens on all addresses does not keep us from listening on 127.0.0.1 everywhere, so ask it too. */
export const isFree = async (port: number): Promise<boolean> =>
  !(await answers(port)) && (await tryListen(port)) !== undefined;

const firstFree = async (candidates: Iterable<number>): Promise<number | undefined> => {
  for (const port of candidates) if (await isFree(port)) return port;
  return undefined;
};

/** Any port that is free now. */
export const freePort = async (): Promise<number> => {
  const port = await tryListen(0);
  if (port === undefined) throw new SluiceError("no-free-port", `no port is free on ${host}`);
  return port;
};

export type PortWish = {
  /** As it is called in messages: "postgres". */
  readonly part: string;
  readonly usual: number;
  /** Set by somebody (a flag, the environment): then it is that port or none. */
  readonly set?: number | undefined;
  /** What the remedy names: the flag and the variable. */
  readonly settings: string;
  /** Where a free one may lie, if not anywhere. */
  readonly range?: Iterable<number>;
};

/**
 * The port to listen on, and whether it is another than the usual because that one is taken.
 * @throws SluiceError `port-taken` when a port was asked for and is taken.
 */
export const choosePort = async (wish: PortWish): Promise<{ port: number; movedFrom?: number }> => {
  if (wish.set !== undefined) {
    if (await isFree(wish.set)) return { port: wish.set };
    const holder = portHolder(wish.set) ?? "another process";
    throw new SluiceError("port-taken", `port ${wish.set} for ${wish.part} is taken by ${holder}`, {
      hint: `stop it, or set another port by ${wish.settings}, or set none: then a free one is found`,
    });
  }
  if (await isFree(wish.usual)) return { port: wish.usual };
  const port = wish.range ? await firstFree(wish.range) : await freePort();
  if (port === undefined) throw new SluiceError("no-free-port", `no port is free for ${wish.part} on ${host}`);
  return { port, movedFrom: wish.usual };
};
