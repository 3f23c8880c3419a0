import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import * as z from "zod";
import { SluiceError } from "../messaging/sluice-error.ts";
import type { KafkaAddress } from "./connect.ts";
import { mskBrokers } from "./msk-brokers.ts";

/** The variables by which a function finds Kafka: spread into its schema, which `requireKafka` then completes. */
export const kafkaSettings = {
  /** `host:port`, several with commas between. It or MSK_CLUSTER_ARN is needed; it goes first. */
  KAFKA_BROKERS: z.string().min(1).optional(),
  /** The cluster whose brokers AWS is asked for. */
  MSK_CLUSTER_ARN: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:kafka:[a-z0-9-]+:\d+:cluster\/./,
      "must be arn:aws:kafka:<region>:<account>:cluster/<name>/<id>",
    )
    .optional(),
  /** `iam`: SASL/OAUTHBEARER with tokens for the role that the function runs as. */
  KAFKA_AUTH: z.enum(["none", "iam"]).default("none"),
  /** `true` with KAFKA_AUTH=iam, and `false` else, unless said. */
  KAFKA_TLS: z.stringbool().optional(),
  /** A file with the certificates (PEM) that sign the brokers', for brokers of one's own. MSK's need none. */
  KAFKA_CA_FILE: z.string().min(1).optional(),
  /** Lambda sets it. Tokens are signed for the cluster's region, or for this one when the brokers are given. */
  AWS_REGION: z.string().min(1).optional(),
};

export type KafkaSettings = z.infer<z.ZodObject<typeof kafkaSettings>>;

/** What is missing is told even when another variable is wrong, so that one learns of all at once. */
const always = { when: () => true };

/** Refuses settings with which no broker could be reached, or a token would travel in clear text. */
export const requireKafka = <Schema extends z.ZodObject>(schema: Schema): Schema =>
  schema
    .refine(({ KAFKA_BROKERS, MSK_CLUSTER_ARN }) => Boolean(KAFKA_BROKERS ?? MSK_CLUSTER_ARN), {
      path: ["KAFKA_BROKERS"],
      message: "is not set, and neither is MSK_CLUSTER_ARN: one of them is needed",
      ...always,
    })
    .refine(({ KAFKA_AUTH, MSK_CLUSTER_ARN, AWS_REGION }) => KAFKA_AUTH !== "iam" || (MSK_CLUSTER_ARN ?? AWS_REGION), {
      path: ["AWS_REGION"],
      message: "is not set: with KAFKA_AUTH=iam and KAFKA_BROKERS it says for which region to sign",
      ...always,
    })
    .refine(({ KAFKA_AUTH, KAFKA_TLS }) => KAFKA_AUTH !== "iam" || KAFKA_TLS !== false, {
      path: ["KAFKA_TLS"],
      message: "must be true with KAFKA_AUTH=iam: a token does not go over an open line",
    });

const readCa = (file: string): ConnectionOptions => {
  try {
    return { ca: readFileSync(file) };
  } catch (cause) {
    throw new SluiceError("configuration-invalid", `configuration: KAFKA_CA_FILE: ${(cause as Error).message}`, {
      cause,
    });
  }
};

const tlsOf = ({ KAFKA_TLS, KAFKA_AUTH, KAFKA_CA_FILE: caFile }: KafkaSettings): ConnectionOptions | undefined => {
  if (!(KAFKA_TLS ?? KAFKA_AUTH === "iam")) return undefined;
  return caFile === undefined ? {} : readCa(caFile);
};

const brokersOf = ({ KAFKA_BROKERS, MSK_CLUSTER_ARN, KAFKA_AUTH: auth }: KafkaSettings, tls: boolean) =>
  KAFKA_BROKERS === undefined
    ? mskBrokers({ clusterArn: MSK_CLUSTER_ARN as string, auth, tls })
    : KAFKA_BROKERS.split(",").map((broker) => broker.trim());

/** Where Kafka is by these settings: enough to ask whether it is there. AWS is not asked before the first use. */
export const kafkaAddress = (settings: KafkaSettings): KafkaAddress => {
  const ssl = tlsOf(settings);
  return { brokers: brokersOf(settings, ssl !== undefined), ...(ssl === undefined ? {} : { ssl }) };
};
