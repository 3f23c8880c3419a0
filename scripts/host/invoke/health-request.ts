import { randomUUID } from "node:crypto";
import { toEvent } from "../http/to-event.ts";

/** What the API is asked when nobody says what. */
export const healthRequest = (): string =>
  JSON.stringify(
    toEvent({
      method: "GET",
      target: "/health/",
      httpVersion: "1.1",
      headers: [["host", "localhost"]],
      body: new Uint8Array(),
      sourceIp: "127.0.0.1",
      port: 80,
      requestId: randomUUID(),
      receivedAt: Date.now(),
    }),
  );
