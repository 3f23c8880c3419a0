/** The part of prom-client that writes the text format; the whole brings OpenTelemetry's API and a digest of quantiles into the bundle. */
declare module "prom-client/lib/registry.js" {
  import type { Registry as PromClientRegistry } from "prom-client";

  const Registry: typeof PromClientRegistry;
  export = Registry;
}
