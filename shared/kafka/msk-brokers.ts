import type { GetBootstrapBrokersCommandOutput as Found, KafkaClient } from "@aws-sdk/client-kafka";
import { SluiceError } from "../messaging/sluice-error.ts";
import type { BootstrapBrokers } from "./bootstrap-brokers.ts";

export type MskCluster = {
  readonly clusterArn: string;
  /** Which of the cluster's listeners is wanted. */
  readonly auth: "none" | "iam";
  readonly tls: boolean;
};

const listenerOf = ({ auth, tls }: MskCluster): string =>
  auth === "iam" ? "SASL/IAM listener" : `${tls ? "TLS" : "plaintext"} listener without authentication`;

/** The listener within the VPC goes first; one that is reached from other VPCs or from outside stands in for it. */
const brokersIn = (found: Found, { auth, tls }: MskCluster): string | undefined => {
  if (auth === "none")
    return tls ? (found.BootstrapBrokerStringTls ?? found.BootstrapBrokerStringPublicTls) : found.BootstrapBrokerString;
  return (
    found.BootstrapBrokerStringSaslIam ??
    found.BootstrapBrokerStringVpcConnectivitySaslIam ??
    found.BootstrapBrokerStringPublicSaslIam
  );
};

/** What AWS answers to a request that will be refused each time; anything else may pass. */
const refusals: Readonly<Record<string, string>> = {
  AccessDeniedException: "the role needs kafka:GetBootstrapBrokers on this cluster",
  ForbiddenException: "the role needs kafka:GetBootstrapBrokers on this cluster",
  NotFoundException: "no cluster of this account has the ARN in MSK_CLUSTER_ARN",
  BadRequestException: "is MSK_CLUSTER_ARN the ARN of a cluster, and is the cluster active?",
  CredentialsProviderError:
    "no AWS credentials were found; on Lambda the role gives them, elsewhere AWS_PROFILE or AWS_ACCESS_KEY_ID",
  UnrecognizedClientException: "the AWS credentials are not valid",
};

const toFault = (cause: unknown, { clusterArn }: MskCluster): SluiceError => {
  const { name, message } = cause as Error;
  const hint = refusals[name];
  return new SluiceError("brokers-unknown", `the brokers of ${clusterArn} cannot be asked for: ${name}: ${message}`, {
    canRetry: hint === undefined,
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
};

/** The AWS SDK is loaded here and not before: what has its brokers given never pays for it. */
const openClient = async (region: string): Promise<KafkaClient> =>
  new (await import("@aws-sdk/client-kafka")).KafkaClient({ region, maxAttempts: 2 });

const ask = async (client: KafkaClient, cluster: MskCluster): Promise<readonly string[]> => {
  const { GetBootstrapBrokersCommand } = await import("@aws-sdk/client-kafka");
  const { clusterArn: ClusterArn } = cluster;
  const found = await client.send(new GetBootstrapBrokersCommand({ ClusterArn })).catch((cause: unknown) => {
    throw toFault(cause, cluster);
  });
  const brokers = brokersIn(found, cluster);
  if (brokers) return brokers.split(",");
  throw new SluiceError("brokers-unknown", `${ClusterArn} has no ${listenerOf(cluster)}`, {
    hint: "KAFKA_AUTH and KAFKA_TLS must name a listener that the cluster has; a serverless cluster has KAFKA_AUTH=iam alone",
  });
};

/** `arn:aws:kafka:<region>:<account>:cluster/<name>/<id>` */
export const regionOf = (clusterArn: string): string => clusterArn.split(":")[3] as string;

/**
 * The brokers of an MSK cluster, by GetBootstrapBrokers: asked for once, and anew when none of them answered, because they
 * change when a cluster is scaled or its brokers are replaced. While AWS cannot be asked, those known before go on.
 * @throws SluiceError `brokers-unknown`, from `get`; retriable unless the request was refused
 */
export const mskBrokers = (cluster: MskCluster): BootstrapBrokers => {
  let client: Promise<KafkaClient> | undefined;
  let known: readonly string[] | undefined;
  let asking: Promise<readonly string[]> | undefined;
  let isStale = true;

  const refresh = async (): Promise<readonly string[]> => {
    try {
      client ??= openClient(regionOf(cluster.clusterArn));
      known = await ask(await client, cluster);
      isStale = false;
    } catch (fault) {
      if (known === undefined || !(fault as SluiceError).canRetry) throw fault;
    } finally {
      asking = undefined;
    }
    return known;
  };

  return {
    name: cluster.clusterArn,
    get: async () => {
      if (known !== undefined && !isStale) return known;
      asking ??= refresh();
      return asking;
    },
    forget: () => {
      isStale = true;
    },
  };
};
