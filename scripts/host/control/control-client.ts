import { request } from "node:http";
import { createInterface } from "node:readline";
import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import type { MetricSums } from "../metrics-store.ts";
import type { MappingStatus } from "../poller/mapping.ts";
import type { FunctionStatus } from "../process/function-pool.ts";
import type { HoldLine } from "./control-server.ts";

/** Where a host listens for control. */
export type ControlAddress = { readonly controlUrl: string; readonly controlToken: string };

/** Controls a host that runs in another process. */
export type HostControl = {
  functions(): Promise<readonly FunctionStatus[]>;
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
};

const askJson = async <T>({ controlUrl, controlToken }: ControlAddress, method: string, path: string): Promise<T> => {
  const answer = await fetch(`${controlUrl}${path}`, { method, headers: { authorization: `Bearer ${controlToken}` } });
  const body = (await answer.json()) as T & { message?: string };
  if (!answer.ok) throw new SluiceError("host-refused", `the host answered ${answer.status}: ${body.message}`);
  return body;
};

const hold = ({ controlUrl, controlToken }: ControlAddress, name: string): Promise<AsyncDisposable> => {
  const { promise, resolve, reject } = Promise.withResolvers<AsyncDisposable>();
  const asked = request(`${controlUrl}/mappings/${name}/hold`, {
    method: "POST",
    headers: { authorization: `Bearer ${controlToken}` },
    agent: false, // a connection of its own: its end is the release
  });
  asked.on("error", (cause) =>
    reject(new SluiceError("host-refused", "the host could not be asked to hold the mapping", { cause })),
  );
  asked.on("response", (answer) => {
    const closed = new Promise<void>((ended) => answer.on("close", ended));
    const lines = createInterface({ input: answer });
    lines.on("error", () => {}); // the end of the connection, which `closed` tells; readline passes the abort on
    lines.once("line", (line) => {
      const first: HoldLine | { message: string } = JSON.parse(line);
      if ("message" in first) reject(new SluiceError("host-refused", `the host refused: ${first.message}`));
      else
        resolve({
          [Symbol.asyncDispose]: async () => {
            asked.destroy();
            await closed;
          },
        });
    });
    void closed.then(() => reject(new SluiceError("host-refused", "the host closed the hold")));
  });
  asked.end();
  return promise;
};

export const controlOf = (address: ControlAddress): HostControl => ({
  functions: () => askJson(address, "GET", "/functions"),
  mappings: () => askJson(address, "GET", "/mappings"),
  metrics: () => askJson(address, "GET", "/metrics"),
  enable: (name) => askJson(address, "POST", `/mappings/${name}/enable`),
  disable: (name) => askJson(address, "POST", `/mappings/${name}/disable`),
  hold: (name) => hold(address, name),
});
