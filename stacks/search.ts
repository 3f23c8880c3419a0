import { arnPrefix } from "./account.ts";
import { evenly, type Network } from "./network.ts";
import type { StageSettings } from "./stage.ts";

/** Copies lie in as many zones as there are nodes, three at the most. */
const zonesOf = ({ search }: StageSettings, { zones }: Network): number => Math.min(search.nodes, zones.length);

const clusterConfig = (stage: StageSettings, net: Network) => {
  const zoneCount = zonesOf(stage, net);
  return {
    instanceType: stage.search.instanceType,
    instanceCount: evenly(stage.search.nodes, net),
    zoneAwarenessEnabled: zoneCount > 1,
    ...(zoneCount > 1 && { zoneAwarenessConfig: { availabilityZoneCount: zoneCount } }),
  };
};

/**
 * Roles of this account, as far as their own policies let them. Without a policy, whoever is in the
 * network would be let in unsigned.
 */
const accessPolicies = (domainName: string) => {
  const { accountId } = aws.getCallerIdentityOutput();
  const { partition } = aws.getPartitionOutput();
  return $jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: $interpolate`arn:${partition}:iam::${accountId}:root` },
        Action: "es:ESHttp*",
        Resource: $interpolate`${arnPrefix("es")}:domain/${domainName}/*`,
      },
    ],
  });
};

/**
 * OpenSearch 2.19 as it runs locally, inside the network only. No password: requests are signed by the function's role, whose policy
 * names the paths (stacks/policies/search.ts). A read model: what is lost here is rebuilt from PostgreSQL.
 */
export const search = (stage: StageSettings, net: Network) => {
  const domainName = `sluice-${stage.name}`;
  const domain = new aws.opensearch.Domain(
    "Search",
    {
      domainName,
      accessPolicies: accessPolicies(domainName),
      advancedOptions: { "rest.action.multi.allow_explicit_index": "false" }, // a body cannot reach past the path that IAM has weighed
      engineVersion: "OpenSearch_2.19",
      clusterConfig: clusterConfig(stage, net),
      ebsOptions: { ebsEnabled: true, volumeType: "gp3", volumeSize: stage.search.volumeGb },
      vpcOptions: {
        subnetIds: $output(net.subnets).apply((ids) => ids.slice(0, zonesOf(stage, net))),
        securityGroupIds: [net.search],
      },
      encryptAtRest: { enabled: true },
      nodeToNodeEncryption: { enabled: true },
      domainEndpointOptions: { enforceHttps: true, tlsSecurityPolicy: "Policy-Min-TLS-1-2-PFS-2023-10" },
    },
    { protect: stage.isProduction },
  );
  return {
    domain,
    arn: domain.arn,
    environment: { OPENSEARCH_URL: $interpolate`https://${domain.endpoint}`, OPENSEARCH_AUTH: "iam" },
  };
};

export type Search = ReturnType<typeof search>;
