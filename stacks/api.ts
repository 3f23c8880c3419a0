import { apiRoutes } from "../shared/catalogue/api/route-table.ts";
import type { WithMaker } from "./function.ts";
import { httpRoutes } from "./http-routes.ts";
import type { Issuer } from "./identity.ts";
import { searchPolicies } from "./policies/search.ts";
import { probes } from "./probes.ts";

/**
 * `SLUICE_API_DOMAIN` names it. Its zone is in Route 53, unless `SLUICE_API_CERTIFICATE` says that
 * DNS is somebody else's.
 */
const ownDomain = (): sst.aws.ApiGatewayV2Args["domain"] => {
  const name = process.env["SLUICE_API_DOMAIN"];
  const cert = process.env["SLUICE_API_CERTIFICATE"];
  if (cert && !name)
    throw new Error("SLUICE_API_CERTIFICATE is the certificate of SLUICE_API_DOMAIN, which is not set");
  if (!name) return undefined;
  if (!/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/.test(name))
    throw new Error("SLUICE_API_DOMAIN is a name in lower case, as api.example.com, without a scheme or a path");
  return cert ? { name, dns: false, cert } : name;
};

type HttpParts = WithMaker & { readonly issuer: Issuer };

const apiFunction = ({ make, stage, index }: HttpParts) =>
  make("api", {
    environment: index.environment,
    permissions: searchPolicies(index).read,
    reserved: stage.api.concurrency,
  });

/**
 * The HTTP API. Each of its routes has its own key and asks for a token with its own scope. The
 * open routes, and all that is no route, go to a function of their own with a throttle of its own:
 * whoever floods them takes nothing from those who write.
 */
export const api = (parts: HttpParts) => {
  const { stage, issuer } = parts;
  const fn = apiFunction(parts);
  const open = probes(parts);
  const domain = ownDomain();
  let routesAreMade: (ids: readonly $util.Output<string>[]) => void = () => {};
  const made = new Promise<readonly $util.Output<string>[]>((resolve) => {
    routesAreMade = resolve;
  });
  const gateway = new sst.aws.ApiGatewayV2("Http", {
    cors: false, // programs call it; a browser's origin is added by whoever has one
    accessLog: { retention: stage.logRetention },
    ...(domain && { domain }),
    transform: {
      stage: {
        defaultRouteSettings: { throttlingRateLimit: stage.api.rate, throttlingBurstLimit: stage.api.burst },
        // AWS refuses settings of a route that is not there yet, and SST makes the stage first: so
        // the settings wait for the routes.
        routeSettings: $util.output(made).apply(() => [...open.routeSettings]),
      },
    },
  });
  const authorizer = gateway.addAuthorizer({
    name: "Tokens",
    jwt: { issuer: issuer.issuer, audiences: [issuer.audience] },
  });
  httpRoutes("Api", {
    gateway,
    fn,
    routes: apiRoutes.map(({ routeKey, access }) => ({ routeKey, scope: issuer.scopes[access] })),
    authorizer: authorizer.id,
  });
  const opened = httpRoutes("Probes", { gateway, fn: open.fn, routes: open.routeSettings });
  routesAreMade(opened.map(({ id }) => id));
  return { fn, probes: open.fn, url: gateway.url, apiId: gateway.nodes.api.id };
};
