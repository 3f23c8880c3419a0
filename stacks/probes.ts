import { probeRouteKeys } from "../shared/catalogue/api/route-table.ts";
import { consumerGroups } from "../shared/catalogue/groups.ts";
import { topics } from "../shared/catalogue/topics.ts";
import type { WithMaker } from "./function.ts";
import type { Issuer } from "./identity.ts";
import { kafkaPolicies } from "./policies/kafka.ts";
import { searchPolicies } from "./policies/search.ts";

/**
 * The open routes: health, metrics, the API's document. It looks at Kafka and has no right to write
 * there.
 */
export const probes = ({ make, stage, kafka, index, issuer }: WithMaker & { readonly issuer: Issuer }) => {
  const may = kafkaPolicies(kafka);
  const topicNames = Object.values(topics).map(({ name }) => name);
  // A new word here is a new token with the next deploy: docs/SECURITY.md, rotation.
  const { result: value } = new random.RandomPassword("MetricsTokenValue", {
    length: 40,
    special: false,
    keepers: { rotation: "2026-11" },
  });
  const metricsToken = new sst.Linkable("MetricsToken", { properties: { value: $util.secret(value) } });
  const { rate, burst, concurrency } = stage.probes;
  const fn = make("probes", {
    link: [metricsToken],
    environment: {
      ...kafka.environment,
      ...index.environment,
      API_READ_SCOPE: issuer.scopes.read,
      API_WRITE_SCOPE: issuer.scopes.write,
    },
    permissions: [
      ...may.connect,
      may.describe(topicNames),
      may.read(topicNames), // for /metrics: how old the record is at which a group stands, and the oldest dead letter
      may.describeGroups(consumerGroups.groups.map(({ groupId }) => groupId)),
      ...searchPolicies(index).ping,
    ],
    reserved: concurrency,
  });
  const routeSettings = probeRouteKeys.map((routeKey) => ({
    routeKey,
    throttlingRateLimit: rate,
    throttlingBurstLimit: burst,
  }));
  return { fn, routeSettings };
};
