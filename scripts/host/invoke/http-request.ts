import { randomUUID } from "node:crypto";
import { toEvent } from "../http/to-event.ts";

/** The event of a GET, for a function behind the HTTP API that is invoked by name. */
export const httpRequest = (target: string): string =>
  JSON.stringify(
    toEvent({
      method: "GET",
      target,
      httpVersion: "1.1",
      headers: [["host", "localhost"]],
      body: new Uint8Array(),
      sourceIp: "127.0.0.1",
      port: 80,
      requestId: randomUUID(),
      receivedAt: Date.now(),
    }),
  );
