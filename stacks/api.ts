import { consumerGroups } from "../shared/catalogue/groups.ts";
import { topics } from "../shared/catalogue/topics.ts";
import type { WithMaker } from "./function.ts";
import type { Issuer } from "./identity.ts";
import { kafkaPolicies } from "./policies/kafka.ts";
import { searchPolicies } from "./policies/search.ts";

/** Reached without a token of the issuer: health checks and scrapers have none. `/metrics` asks for one of its own. */
const openRoutes = ["GET /health", "GET /health/", "GET /metrics", "GET /openapi.json"] as const;

/** The HTTP API. It looks at Kafka for its health and its metrics, and has no right to write there. */
export const api = ({ make, stage, kafka, db, index, issuer }: WithMaker & { readonly issuer: Issuer }) => {
  const may = kafkaPolicies(kafka);
  const topicNames = Object.values(topics).map(({ name }) => name);
  // A new word here is a new token with the next deploy: docs/SECURITY.md, rotation.
  const { result: value } = new random.RandomPassword("MetricsTokenValue", {
    length: 40,
    special: false,
    keepers: { rotation: "2026-11" },
  });
  const metricsToken = new sst.Linkable("MetricsToken", { properties: { value: $util.secret(value) } });
  const fn = make("api", {
    link: [db.link, metricsToken],
    environment: { ...db.environment, ...kafka.environment, ...index.environment },
    permissions: [
      ...may.connect,
      may.describe(topicNames),
      may.read(topicNames), // for /metrics: how old the record is at which a group stands, and the oldest dead letter
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
