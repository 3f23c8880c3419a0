import { Client } from "@opensearch-project/opensearch";
import { AwsSigv4Signer } from "@opensearch-project/opensearch/aws-v3";
import { toSearchFault } from "./search-fault.ts";

export type SearchRequest = {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** From the root, each part encoded: `/things-v1-000001/_bulk`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: object;
  /** Newline-delimited JSON, the last line ended too; sent as it is. Instead of `body`. */
  readonly lines?: string;
  /** Instead of the client's. */
  readonly timeoutMs?: number;
  /** Statuses from 400 on that are answers to the caller and no faults. */
  readonly expected?: readonly number[];
};

export type SearchAnswer<Body> = { readonly status: number; readonly body: Body };

/** What a verb of this feature needs. Faults come out as SluiceError, see `search-fault.ts`. */
export type SearchClient = {
  request<Body = unknown>(request: SearchRequest): Promise<SearchAnswer<Body>>;
  close(): Promise<void>;
};

export type ConnectSearchOptions = {
  /** `http://host:port` or `https://user:password@host` */
  readonly url: string;
  /** A request that takes longer is given up as `search-unavailable`. 10 s by default. */
  readonly timeoutMs?: number;
  /** An AWS region: each request is signed (SigV4) for a domain of OpenSearch Service there, by the role that we run as. */
  readonly signFor?: string;
};

/**
 * A client over OpenSearch's own transport (pooled keep-alive connections). It connects on first use and never throws here.
 *
 * It does not repeat a request: a consumer's batch comes again as a whole, and a reader should hear of it now.
 * JSON answers are parsed plainly: nothing here merges them into other objects, and the client's guard would refuse
 * a whole answer because one document has a field named `__proto__`.
 */
export const connectSearch = ({ url, timeoutMs = 10_000, signFor }: ConnectSearchOptions): SearchClient => {
  const client = new Client({
    ...(signFor === undefined ? {} : AwsSigv4Signer({ region: signFor, service: "es" })),
    node: url,
    maxRetries: 0,
    requestTimeout: timeoutMs,
    disablePrototypePoisoningProtection: true,
  });
  return {
    async request<Body>(request: SearchRequest): Promise<SearchAnswer<Body>> {
      const { method, path, query, body, lines } = request;
      try {
        const answer = await client.transport.request(
          {
            method,
            path,
            ...(query && { querystring: query }),
            ...(body && { body }),
            ...(lines !== undefined && { bulkBody: lines }),
          },
          {
            requestTimeout: request.timeoutMs ?? timeoutMs,
            ...(request.expected && { ignore: [...request.expected] }),
          },
        );
        return { status: answer.statusCode ?? 0, body: answer.body as Body };
      } catch (error) {
        throw toSearchFault(error, path);
      }
    },
    close: () => client.close(),
  };
};
