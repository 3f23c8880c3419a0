import { createServer, type Server } from "node:net";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { portHolder } from "../stack/port-holder.ts";
import { ownAddress } from "./container.ts";

/**
 * Listens on 127.0.0.1, in a container on its own interface, and answers the port.
 * @param port 0 for any free one
 * @param options.setting what the remedy names
 * @throws SluiceError `port-taken` naming who has it
 */
export const listenOn = async (server: Server, port: number, options: { setting: string }): Promise<number> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ host: ownAddress(), port }, resolve);
  try {
    await promise;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    const holder = portHolder(port) ?? "another process";
    throw new SluiceError("port-taken", `port ${port} is taken by ${holder}`, {
      hint: `stop it, or choose another port by ${options.setting}`,
      cause,
    });
  } finally {
    server.removeListener("error", reject);
  }
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
};

/**
 * For a port that is wanted later, so that one learns at once that it is taken.
 * @throws SluiceError `port-taken`
 */
export const checkPort = async (port: number, options: { setting: string }): Promise<void> => {
  if (port === 0) return;
  const server = createServer();
  await listenOn(server, port, options);
  await new Promise((resolve) => server.close(resolve));
};
