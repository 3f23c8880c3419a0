/** A function that does as its event says; the tests of the host run it in real processes. */
import { setTimeout as sleep } from "node:timers/promises";

type Order = {
  readonly do?:
    | "echo"
    | "context"
    | "environment"
    | "throw"
    | "exit"
    | "sleep"
    | "spin"
    | "big"
    | "reject-later"
    | "log";
  readonly ms?: number;
  readonly bytes?: number;
};
type Context = {
  getRemainingTimeInMillis(): number;
  awsRequestId: string;
  functionName: string;
  memoryLimitInMB: string;
};

if (process.env["REFUSES_TO_START"]) {
  const fault = new Error("configuration: DATABASE_URL is not set");
  fault.name = "SluiceError";
  throw Object.assign(fault, { hint: "set it" });
}
if (process.env["DIES_AT_START"]) process.exit(3);
if (process.env["HEARS_SIGTERM"])
  process.on("SIGTERM", () => {
    console.log("released");
  });

/** How many invocations this process has at the time. */
let together = 0;

class StrangeError extends Error {
  override readonly name = "StrangeError";
}

const context = async (given: Context) => {
  const first = given.getRemainingTimeInMillis();
  await sleep(30);
  const { awsRequestId, functionName, memoryLimitInMB } = given;
  return { first, later: given.getRemainingTimeInMillis(), awsRequestId, functionName, memoryLimitInMB };
};

export const handler = async (order: Order, given: Context): Promise<unknown> => {
  switch (order.do) {
    case "context":
      return context(given);
    case "environment":
      return { ...process.env };
    case "throw":
      throw new StrangeError("as asked", { cause: new Error("the reason") });
    case "exit":
      return process.exit(7);
    case "sleep":
      together++;
      await sleep(order.ms);
      return { pid: process.pid, together: together-- };
    case "spin":
      for (;;);
    case "big":
      return "x".repeat(order.bytes ?? 0);
    case "log":
      console.log(JSON.stringify({ level: "INFO", message: "a line", pid: process.pid }));
      return null;
    default:
      return order;
  }
};
