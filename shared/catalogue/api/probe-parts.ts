import type { HttpApiParts } from "../../http/create-http-api.ts";
import type { HealthProbe } from "../../http/health.ts";
import type { Access } from "../../http/route-keys.ts";
import type { Exposition } from "../../operations/metrics/exposition.ts";

/** What the open routes are composed of. */
export type ProbeParts = Omit<HttpApiParts, "elsewhere"> & {
  readonly probes: readonly HealthProbe[];
  /** For how long an answer about the health is given again. */
  readonly healthFreshMs: number;
  /** By what names a token allows reading and writing, for the document. */
  readonly scopes: Readonly<Record<Access, string>>;
  readonly readMetrics: () => Promise<Exposition>;
  /** What `/metrics` asks for; undefined: it is open. */
  readonly metricsToken?: string | undefined;
};
