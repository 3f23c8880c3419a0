import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { SluiceError } from "../messaging/sluice-error.ts";

/**
 * Asks whether an index or alias is there: for a health check, without loading the client.
 * @param url as for `connectSearch`
 * @throws SluiceError `search-unavailable` when nothing answers in time, or with a refusal
 */
export const pingSearch = async (url: string, index: string, timeoutMs: number): Promise<void> => {
  const target = new URL(encodeURIComponent(index), url.endsWith("/") ? url : `${url}/`);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const send = target.protocol === "https:" ? requestHttps : requestHttp;
  const request = send(target, { method: "HEAD", agent: false, timeout: timeoutMs });
  request.on("timeout", () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
  request.on("error", reject);
  request.on("response", (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  request.end();
  const status = await promise.catch((cause: unknown) => {
    throw new SluiceError("search-unavailable", `${target.host} does not answer`, { canRetry: true, cause });
  });
  if (status >= 400)
    throw new SluiceError("search-unavailable", `${index}: OpenSearch answers ${status}`, { canRetry: true });
};
