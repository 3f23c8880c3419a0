import { consumerGroups } from "../shared/catalogue/groups.ts";
import { topics } from "../shared/catalogue/topics.ts";
import type { WithMaker } from "./function.ts";
import type { Issuer } from "./identity.ts";
import { kafkaPolicies } from "./policies/kafka.ts";
import { searchPolicies } from "./policies/search.ts";

/** Reached without a token of the issuer: health checks have none. */
const openRoutes = ["GET /health", "GET /health/", "GET /openapi.json"] as const;

/** The HTTP API. It looks at Kafka for its health and its metrics, and has no right to write there. */
export const api = ({ make, stage, kafka, db, index, issuer }: WithMaker & { readonly issuer: Issuer }) => {
  const may = kafkaPolicies(kafka);
  const fn = make("api", {
    link: [db.link],
    environment: { ...db.environment, ...kafka.environment, ...index.environment },
    permissions: [
      may.connect,
      may.describe(Object.values(topics).map(({ name }) => name)),
      may.read(Object.values(topics).map(({ name }) => name)), // for the time of the record at which a group stands
      may.describeGroups(consumerGroups.groups.map(({ groupId }) => groupId)),
      ...searchPolicies(index).read,
    ],
    reserved: stage.api.concurrency,
  });
  const gateway = new sst.aws.ApiGatewayV2("Http", {
    cors: false, // programs call it; a browser's origin is added by whoever has one
    accessLog: { retention: stage.logRetention },
    transform: {
      stage: {
        defaultRouteSettings: { throttlingRateLimit: stage.api.rate, throttlingBurstLimit: stage.api.burst },
      },
    },
  });
  const authorizer = gateway.addAuthorizer({
    name: "Tokens",
    jwt: { issuer: issuer.issuer, audiences: [issuer.audience] },
  });
  for (const route of openRoutes) gateway.route(route, fn.arn, { auth: false });
  gateway.route("$default", fn.arn, { auth: { jwt: { authorizer: authorizer.id } } });
  return { fn, url: gateway.url };
};
