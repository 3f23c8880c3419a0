import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import type { MetricSums } from "../metrics-store.ts";
import type { MappingStatus } from "../poller/mapping.ts";
import type { HoldLine, HostedFunction } from "./control-server.ts";

/** Where a host listens for control. */
export type ControlAddress = { readonly controlUrl: string; readonly controlToken: string };

/** Controls a host that runs in another process. */
export type HostControl = {
  functions(): Promise<readonly HostedFunction[]>;
  mappings(): Promise<readonly MappingStatus[]>;
  metrics(): Promise<MetricSums>;
  /** Return when the mapping is in that state. */
  enable(functionName: string): Promise<MappingStatus>;
  disable(functionName: string): Promise<MappingStatus>;
  /**
   * Returns when the mapping is Disabled. It stays so until the release, or until this process ends, however it ends;
   * then it is again as it was found.
   */
  hold(functionName: string): Promise<AsyncDisposable>;
  /** Has the host look at the `pause` table, which it reads when it starts; returns when what is paused has ended and the rest runs. */
  readPauses(): Promise<readonly HostedFunction[]>;
  /** Returns when the function's processes of before have ended what they were at, and new ones are in their place. */
  restart(functionName: string): Promise<HostedFunction>;
};

const askJson = async <T>({ controlUrl, controlToken }: ControlAddress, method: string, path: string): Promise<T> => {
  const headers = { authorization: `Bearer ${controlToken}` };
  const answer = await fetch(`${controlUrl}${path}`, { method, headers }).catch((cause: unknown) => {
    throw new SluiceError("host-away", `the host at ${controlUrl} does not answer`, {
      cause,
      canRetry: true,
      hint: "it may have been killed just now, or be starting: try again in a moment",
    });
  });
  const body = (await answer.json()) as T & { message?: string };
  if (!answer.ok) throw new SluiceError("host-refused", `the host answered ${answer.status}: ${body.message}`);
  return body;
};

/** The first line of an answer that goes on; what comes after it, the breaking off included, is nobody's concern. */
const firstLine = (answer: IncomingMessage): Promise<string> => {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = "";
  answer.setEncoding("utf8");
  answer.on("data", (more: string) => {
    text += more;
    if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
  });
  answer.on("error", () => {});
  answer.on("close", () => reject(new SluiceError("host-refused", "the host closed the connection")));
  return promise;
};

const hold = async ({ controlUrl, controlToken }: ControlAddress, name: string): Promise<AsyncDisposable> => {
  const asked = request(`${controlUrl}/mappings/${name}/hold`, {
    method: "POST",
    headers: { authorization: `Bearer ${controlToken}` },
    agent: false, // a connection of its own: its end is the release
  });
  const answered = once(asked, "response") as Promise<[IncomingMessage]>;
  asked.end();
  const [answer] = await answered.catch((cause) => {
    throw new SluiceError("host-refused", "the host could not be asked to hold the mapping", { cause });
  });
  const closed = new Promise<void>((resolve) => answer.on("close", resolve));
  const line: HoldLine | { readonly message: string } = JSON.parse(await firstLine(answer));
  if ("message" in line) throw new SluiceError("host-refused", `the host refused: ${line.message}`);
  asked.on("error", () => {}); // the host ended before the hold did
  return {
    [Symbol.asyncDispose]: async () => {
      asked.destroy();
      await closed;
    },
  };
};

export const controlOf = (address: ControlAddress): HostControl => ({
  functions: () => askJson(address, "GET", "/functions"),
  mappings: () => askJson(address, "GET", "/mappings"),
  metrics: () => askJson(address, "GET", "/metrics"),
  enable: (name) => askJson(address, "POST", `/mappings/${name}/enable`),
  disable: (name) => askJson(address, "POST", `/mappings/${name}/disable`),
  hold: (name) => hold(address, name),
  readPauses: () => askJson(address, "POST", "/pauses"),
  restart: (name) => askJson(address, "POST", `/functions/${name}/restart`),
});
