import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { basename, dirname } from "node:path";
import { inject, vi } from "vitest";
import { userUrl } from "../postgres/database-user.ts";
import { createDatabase } from "./database.ts";
import { type Called, call } from "./http-call.ts";

export type Ask = (asked: string, more?: Parameters<typeof call>[2]) => Promise<Called>;

/** A function behind the HTTP API on a database of its own, to be started with any environment. */
export type HttpFunction = AsyncDisposable & {
  readonly databaseUrl: string;
  /** Takes connections and never says a word. */
  readonly muteAddress: string;
  /** As it starts with this environment: a process that has counted nothing yet. */
  start(environment?: Readonly<Record<string, string>>): Promise<Ask>;
};

/** Nothing listens there. */
export const nobody = "127.0.0.1:1";

/** @param handlerFile absolute; the folder's name is the function's, by whose user it signs in */
export const openHttpFunction = async (handlerFile: string): Promise<HttpFunction> => {
  const database = await createDatabase();
  const mute = createServer().listen(0, "127.0.0.1");
  await once(mute, "listening");
  return {
    databaseUrl: database.url,
    muteAddress: `127.0.0.1:${(mute.address() as AddressInfo).port}`,
    start: async (environment = {}) => {
      const { kafkaBrokers, openSearchUrl } = inject("stack");
      const usual = {
        DATABASE_URL: userUrl(database.url, basename(dirname(handlerFile))),
        KAFKA_BROKERS: kafkaBrokers,
        OPENSEARCH_URL: openSearchUrl,
        OPENSEARCH_AUTH: "none",
        METRICS_TOKEN: "",
        HEALTH_FRESH_SECONDS: "0",
        POWERTOOLS_LOG_LEVEL: "CRITICAL",
      };
      for (const [name, value] of Object.entries({ ...usual, ...environment })) vi.stubEnv(name, value);
      vi.resetModules();
      const { handler } = await import(handlerFile);
      return (asked, more) => call(handler, asked, more);
    },
    [Symbol.asyncDispose]: async () => {
      mute.close();
      vi.unstubAllEnvs();
      await database.drop();
    },
  };
};
